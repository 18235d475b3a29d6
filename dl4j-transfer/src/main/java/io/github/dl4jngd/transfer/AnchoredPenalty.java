package io.github.dl4jngd.transfer;

import io.github.dl4jngd.fisher.internal.AtomicFile;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Holds a model near the parameters θ_A that it has learnt, while it learns something new: a quadratic penalty that is
 * added to the mean loss.
 *
 * <ul>
 *   <li>{@link #ridge(double) Ridge}: ½λ‖θ − θ_A‖².
 *   <li>{@link #kroneckerFactored(double, double) K-FAC}: ½(s/N)(θ − θ_A)ᵀ[Σ_m N_m(F̂_m + ρI)](θ − θ_A) with F̂_m = A
 *       ⊗ G of each layer, the true Fisher matrix of every task m learnt so far at its end in K-FAC's approximation,
 *       N_m its samples and N those of the new task. With s = 1 these are the weights with which the quadratic model
 *       of all tasks together has their sums of losses: elastic weight consolidation (Kirkpatrick et al. 2017; Ritter
 *       et al. 2018), with one anchor at the newest θ and not one a task, which would count twice.
 * </ul>
 *
 * <p>It equals joint training exactly where the network is linear in θ, the loss squared, θ_A the minimum and F exact;
 * elsewhere it is a second-order approximation. Damp it: ρ from 1e-3 to 0.1 of the Fisher matrix's size.
 *
 * <p>The penalty stands among those of the layers, as L2 does: in the score, before the updater, and after a natural
 * gradient. Deeplearning4j asks no penalty of γ and β of a batch normalisation, which are not held. Copies and files of
 * the model have nothing of it; {@link #save} writes a model with its anchor. Memory: θ, and A and G of every layer for
 * each task. Cost a step: for each task and layer 2 · (in² out + in out²) multiplications, twice. Not thread-safe.
 */
public final class AnchoredPenalty {

    private static final String ENTRY = "anchor.bin";
    private static final int VERSION = 1;

    private final boolean ridge;
    private final double strength;
    private final double damping;
    private final List<LearntTask> tasks = new ArrayList<>();
    /** θ_A, [P]; null before the first task. */
    private INDArray anchor;

    private Attached attached;

    private AnchoredPenalty(boolean ridge, double strength, double damping) {
        this.ridge = ridge;
        this.strength = strength;
        this.damping = damping;
    }

    /**
     * ½λ‖θ − θ_A‖² on the mean loss.
     *
     * @param lambda λ &gt; 0
     * @return the penalty, which has no anchor yet
     * @throws IllegalArgumentException if λ is not above zero and finite
     */
    public static AnchoredPenalty ridge(double lambda) {
        return new AnchoredPenalty(true, positive("weight λ", lambda), 0);
    }

    /**
     * The Fisher matrix of all tasks learnt so far, K-FAC's, as the metric.
     *
     * @param strength s &gt; 0; 1 gives every sample of every task the same weight
     * @param damping ρ ≥ 0
     * @return the penalty, which has no anchor yet
     * @throws IllegalArgumentException if s is not above zero, ρ below zero, or one of them not finite
     */
    public static AnchoredPenalty kroneckerFactored(double strength, double damping) {
        if (!(damping >= 0 && damping < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The damping ρ must be at least 0 and finite, was " + damping);
        }
        return new AnchoredPenalty(false, positive("strength", strength), damping);
    }

    private static double positive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The anchor's " + what + " must be above 0 and finite, was " + value);
        }
        return value;
    }

    /**
     * Whether something has been learnt that the model can be held to.
     *
     * @return true after {@link #learnt}
     */
    public boolean hasAnchor() {
        return anchor != null;
    }

    /**
     * How many tasks the metric is of.
     *
     * @return the calls of {@link #learnt}; of a ridge, which needs none of them, at most 1
     */
    public int tasks() {
        return ridge ? (hasAnchor() ? 1 : 0) : tasks.size();
    }

    /**
     * A task has been learnt: its end is the anchor from now on, and its Fisher matrix joins those before.
     *
     * @param model the model at its end; not modified
     * @param data the task's training data; a ridge does not look at it
     * @throws IllegalStateException if the penalty is attached
     */
    public void learnt(Model model, DataSetIterator data) {
        requireDetached();
        Models.require(model);
        INDArray now = model.params().dup();
        if (!ridge) {
            if (hasAnchor() && anchor.length() != now.length()) {
                throw new IllegalArgumentException("The anchor is of a model with " + anchor.length()
                        + " parameters, this one has " + now.length());
            }
            tasks.add(LearntTask.of(model, data));
        }
        anchor = now.reshape(now.length());
    }

    private void requireDetached() {
        if (attached != null) {
            throw new IllegalStateException("The anchor is attached to a model; detach it first");
        }
    }

    /**
     * Adds the penalty to a model's loss.
     *
     * @param model the model that it was {@link #learnt} with, or one with the same layers
     * @param samples N of the task that it is about to learn; a ridge does not need it
     * @throws IllegalStateException if there is no anchor, or it is attached already
     * @throws IllegalArgumentException if the model has another number of parameters, or there are no samples
     */
    public void attach(Model model, long samples) {
        requireDetached();
        if (!hasAnchor()) {
            throw new IllegalStateException("There is no anchor yet: call learnt at the end of the first task");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("A task needs at least one sample, got " + samples);
        }
        if (model.numParams() != anchor.length()) {
            throw new IllegalArgumentException("The anchor is of a model with " + anchor.length()
                    + " parameters, this one has " + model.numParams());
        }
        attached = new Attached(model, ridge ? strength : strength / samples);
    }

    /**
     * Takes the penalty away again.
     *
     * @throws IllegalStateException if it is not attached
     */
    public void detach() {
        requireAttached().remove();
        attached = null;
    }

    /**
     * The penalty at the model's parameters.
     *
     * @return what it adds to the mean loss
     * @throws IllegalStateException if it is not attached
     */
    public double value() {
        return requireAttached().value();
    }

    private Attached requireAttached() {
        if (attached == null) {
            throw new IllegalStateException("The anchor is not attached to a model");
        }
        return attached;
    }

    /** The gradient of the penalty by a parameter array, flat in the order of its memory. */
    INDArray gradient(INDArray parameter) {
        return requireAttached().gradient(parameter.offset());
    }

    /** A parameter array's part of the penalty. */
    double value(INDArray parameter) {
        return requireAttached().value(parameter.offset());
    }

    /** The penalty in a model. */
    private final class Attached {

        private final double weight;
        private final LinearizedNetwork network;
        private final List<BaseLayer> layers = new ArrayList<>();
        private final Map<Long, ParameterSlice> slices = new HashMap<>();
        private final Map<Long, List<ParameterBlock>> blocks = new HashMap<>();
        /** Room for a block's product. */
        private final INDArray product;

        @SuppressWarnings("try") // the scope is a resource that is never named
        Attached(Model model, double weight) {
            this.weight = weight;
            LiveModel live = LiveModel.of(model);
            this.network = live.compile(BatchStatistics.RUNNING);
            try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                this.product = Nd4j.create(network.parameters().dataType(), anchor.length());
            }
            AnchorTerm term = new AnchorTerm(AnchoredPenalty.this);
            for (LinearizedNetwork.CompiledLayer compiled : network.compiledLayers()) {
                LayerDescription description = compiled.layer();
                List<ParameterBlock> own = compiled.blocks().stream()
                        .map(LinearizedNetwork.CompiledBlock::block)
                        .toList();
                for (ParameterSlice slice : description.trainableParameters()) {
                    slices.put(slice.offset(), slice);
                    blocks.put(slice.offset(), own);
                }
                if (!own.isEmpty() && live.layer(description.key()).conf().getLayer() instanceof BaseLayer layer) {
                    layers.add(layer);
                    layer.setRegularization(with(layer.getRegularization(), term));
                    layer.setRegularizationBias(with(layer.getRegularizationBias(), term));
                }
            }
        }

        private static List<Regularization> with(List<Regularization> penalties, AnchorTerm term) {
            List<Regularization> more = penalties == null ? new ArrayList<>() : new ArrayList<>(penalties);
            more.add(term);
            return more;
        }

        void remove() {
            for (BaseLayer layer : layers) {
                layer.setRegularization(without(layer.getRegularization()));
                layer.setRegularizationBias(without(layer.getRegularizationBias()));
            }
        }

        private static List<Regularization> without(List<Regularization> penalties) {
            List<Regularization> fewer = new ArrayList<>(penalties);
            fewer.removeIf(AnchorTerm.class::isInstance);
            return fewer;
        }

        private INDArray flat(INDArray vector, ParameterSlice slice) {
            return vector.get(NDArrayIndex.interval(slice.offset(), slice.offset() + slice.length()));
        }

        private INDArray moved(ParameterSlice slice) {
            return flat(network.parameters(), slice).sub(flat(anchor, slice));
        }

        INDArray gradient(long offset) {
            ParameterSlice slice = slice(offset);
            if (ridge) {
                return moved(slice).muli(weight);
            }
            for (ParameterBlock block : blocks.get(offset)) {
                INDArray moved = block.read(network.parameters()).sub(block.read(anchor));
                INDArray sum = moved.mul(0);
                for (LearntTask task : tasks) {
                    LearntTask.Factors factors = task.factors().get(block.name());
                    sum.addi(moved.mul(task.samples() * damping));
                    if (factors != null) {
                        sum.addi(Products.times(Products.times(factors.inputs(), moved), factors.outputs())
                                .muli(task.samples()));
                    }
                }
                block.write(sum, product);
            }
            return flat(product, slice).mul(weight);
        }

        private ParameterSlice slice(long offset) {
            ParameterSlice slice = slices.get(offset);
            if (slice == null) {
                throw new IllegalStateException("The model has no trained parameter at " + offset
                        + ": it has changed since the anchor was attached");
            }
            return slice;
        }

        double value(long offset) {
            return 0.5 * Products.dot(gradient(offset), moved(slice(offset)));
        }

        double value() {
            return slices.keySet().stream().mapToDouble(this::value).sum();
        }
    }

    /**
     * Writes a model with this anchor. It is a model file of Deeplearning4j's, which {@code ModelSerializer} reads,
     * with or without this library, and from which {@link #load} reads the anchor. It is complete or not there.
     *
     * @param model the model
     * @param file its path; the folder must exist
     * @throws IOException when writing fails
     * @throws IllegalStateException if there is no anchor
     */
    public void save(Model model, Path file) throws IOException {
        if (!hasAnchor()) {
            throw new IllegalStateException("There is no anchor to save");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ModelSerializer.writeModel(model, bytes, true);
        AtomicFile.write(file, out -> {
            // its owner closes the file, once it is on the disk
            ZipOutputStream to = new ZipOutputStream(out);
            try (ZipInputStream from = new ZipInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                for (ZipEntry entry = from.getNextEntry(); entry != null; entry = from.getNextEntry()) {
                    to.putNextEntry(new ZipEntry(entry.getName()));
                    from.transferTo(to);
                }
            }
            to.putNextEntry(new ZipEntry(ENTRY));
            write(to);
            to.finish();
        });
    }

    private void write(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(VERSION);
        data.writeBoolean(ridge);
        data.writeDouble(strength);
        data.writeDouble(damping);
        Nd4j.write(anchor, data);
        data.writeInt(tasks.size());
        for (LearntTask task : tasks) {
            data.writeLong(task.samples());
            data.writeInt(task.factors().size());
            for (Map.Entry<String, LearntTask.Factors> entry : task.factors().entrySet()) {
                data.writeUTF(entry.getKey());
                Nd4j.write(entry.getValue().inputs(), data);
                Nd4j.write(entry.getValue().outputs(), data);
            }
        }
        data.flush();
    }

    /**
     * Reads the anchor of a model file.
     *
     * @param file what {@link #save} wrote
     * @return the anchor, attached to no model
     * @throws IOException when reading fails, or the file has no anchor
     */
    public static AnchoredPenalty load(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry(ENTRY);
            if (entry == null) {
                throw new IOException(file + " has no anchor; AnchoredPenalty.save writes a model with one");
            }
            try (DataInputStream data = new DataInputStream(zip.getInputStream(entry))) {
                int version = data.readInt();
                if (version != VERSION) {
                    throw new IOException(
                            file + " has an anchor of version " + version + "; this library reads " + VERSION);
                }
                AnchoredPenalty penalty = new AnchoredPenalty(data.readBoolean(), data.readDouble(), data.readDouble());
                penalty.anchor = Nd4j.read(data);
                int count = data.readInt();
                for (int task = 0; task < count; task++) {
                    long samples = data.readLong();
                    Map<String, LearntTask.Factors> factors = new LinkedHashMap<>();
                    int blocks = data.readInt();
                    for (int block = 0; block < blocks; block++) {
                        factors.put(data.readUTF(), new LearntTask.Factors(Nd4j.read(data), Nd4j.read(data)));
                    }
                    penalty.tasks.add(new LearntTask(samples, factors));
                }
                return penalty;
            }
        }
    }

    @Override
    public String toString() {
        return ridge
                ? "ridge anchor, λ " + strength
                : "K-FAC anchor of " + tasks.size() + " tasks, strength " + strength + ", damping " + damping;
    }
}
