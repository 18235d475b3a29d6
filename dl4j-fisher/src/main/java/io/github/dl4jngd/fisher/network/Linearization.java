package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.jacobian.Jacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A network linearised at one minibatch: its outputs and its Jacobian J = ∂f/∂θ, as a linear map.
 *
 * <p>Cost of a jvp and of a vjp: one matrix product or convolution per layer each (two for layers with something below
 * them). Memory: the activations of one forward pass. Arrays are allocated where the caller's ND4J workspace says; the
 * object is not valid beyond it. It reads weights where they are: once the model has taken a step, derivatives are no
 * longer those of the captured activations.
 */
public final class Linearization implements Jacobian {

    private final Graph graph;
    private final List<Step.Linearized> at;
    private final List<INDArray> values;
    private final INDArray outputs;
    private final long parameters;

    /**
     * Keeps what was computed.
     *
     * @param graph the compiled network
     * @param at what every node became
     * @param values the graph's inputs, then every node's output
     * @param parameters P
     */
    Linearization(Graph graph, List<Step.Linearized> at, List<INDArray> values, long parameters) {
        this.graph = graph;
        this.at = at;
        this.values = values;
        this.outputs = values.get(graph.output());
        this.parameters = parameters;
    }

    /**
     * The outputs f; logits where a softmax or sigmoid belongs to the loss. Those of several output layers stand side
     * by side, in the graph's order.
     *
     * @return f, [N, C]
     */
    public INDArray outputs() {
        return outputs;
    }

    /** A value of the graph. */
    INDArray value(int index) {
        return values.get(index);
    }

    @Override
    public int samples() {
        return Math.toIntExact(outputs.size(0));
    }

    @Override
    public long parameters() {
        return parameters;
    }

    @Override
    public DataType dataType() {
        return outputs.dataType();
    }

    @Override
    public INDArray jvp(INDArray tangent) {
        INDArray flat = flat(tangent);
        return forward((node, inputs) -> at(node).forward(inputs, flat));
    }

    /** A parameter tangent as [P]. */
    INDArray flat(INDArray tangent) {
        if (tangent.length() != parameters) {
            throw new IllegalArgumentException(
                    "Expected a tangent of length " + parameters + ", got " + tangent.length());
        }
        return tangent.reshape(parameters);
    }

    /**
     * Some layers' columns of J, which is zero elsewhere. A product with them computes nothing below these layers.
     *
     * @param blocks the parameters that the columns belong to
     * @return the columns, as a linear map on [P]
     */
    public Jacobian columns(Collection<ParameterBlock> blocks) {
        return new ColumnsOfJacobian(this, blocks);
    }

    /** The values of the graph that depend on some parameters. */
    BitSet dependingOn(Set<ParameterBlock> blocks) {
        return graph.dependingOn(blocks);
    }

    /** What is done at one step on the way forward. */
    interface Forward {
        /** Returns the output's tangent from those of the inputs; null stands for zero. */
        @Nullable INDArray through(Graph.Node node, List<@Nullable INDArray> inputs);
    }

    /** Sends tangents forward from everything that depends on parameters to the outputs. */
    INDArray forward(Forward forward) {
        @Nullable INDArray[] tangents = new @Nullable INDArray[values.size()];
        for (Graph.Node node : graph.nodes()) {
            List<@Nullable INDArray> inputs =
                    node.inputs().stream().map(i -> tangents[i]).toList();
            tangents[node.value()] = forward.through(node, inputs);
        }
        INDArray result = tangents[graph.output()];
        return result == null ? Nd4j.zerosLike(outputs) : result;
    }

    /** The steps, in the order of the way forward. */
    List<Graph.Node> nodes() {
        return graph.nodes();
    }

    /** What a step became at this minibatch. */
    Step.Linearized at(Graph.Node node) {
        return at.get(node.index());
    }

    /** The same of a step with parameters, which is an operation. */
    Operation.Linearized operation(Graph.Node node) {
        return (Operation.Linearized) at(node);
    }

    @Override
    public INDArray vjp(INDArray cotangent) {
        INDArray result = Nd4j.createUninitialized(outputs.dataType(), parameters);
        vjp(cotangent, result);
        return result;
    }

    /** Writes weights' gradients where they belong, without forming them elsewhere first. */
    @Override
    public void vjp(INDArray cotangent, INDArray result) {
        if (graph.trainableParameters() < parameters) {
            result.assign(0);
        }
        backpropagate(cotangent, result, null, block -> false);
    }

    /** One cotangent for each sample as the first of one, [1, N, C]. */
    INDArray stacked(INDArray cotangent) {
        if (!Arrays.equals(cotangent.shape(), outputs.shape())) {
            throw new IllegalArgumentException("Expected a cotangent of shape " + Arrays.toString(outputs.shape())
                    + ", got " + Arrays.toString(cotangent.shape()));
        }
        return cotangent.dup('c').reshape('c', 1, outputs.size(0), outputs.size(1));
    }

    /** Writes the gradient of a step's parameters, and returns the cotangents of its input. */
    @Nullable INDArray pullBack(Operation.Linearized step, Graph.Node node, INDArray delta, boolean toInput, INDArray gradient) {
        if (node.step().block().isPresent() && !step.sumsRows()) {
            LayerJacobian rows = step.jacobian(delta, Parameterization.standard(), graph.couplesSamples());
            rows.block().write(rows.transposeTimes(Nd4j.ones(outputs.dataType(), rows.rows())), gradient);
        }
        return step.pullBack(delta, toInput, gradient);
    }

    /**
     * The tangent kernel J Jᵀ as a map of its own, for iterations that never leave the outputs.
     *
     * @param blocks the parameters that J's columns belong to
     * @return the kernel, allocated where the caller's workspace says
     */
    public EmpiricalKernel kernel(Collection<ParameterBlock> blocks) {
        return new EmpiricalKernel(this, blocks);
    }

    /**
     * Jᵀ applied to one cotangent for every sample, written where the caller wants it, and the same cotangents' rows
     * caught on the way back.
     *
     * @param cotangent [N, C]; not modified
     * @param gradient [P]; written to where trainable parameters lie
     * @param scaling the coordinates of the rows' columns; null where no rows are wanted
     * @param byRowsAlone the blocks of which nothing is written, because their rows say all that is needed
     * @return one block of columns a layer, in the model's order, as {@link #jacobian} gives them; empty where none are
     *     wanted
     */
    public List<LayerJacobian> backpropagate(
            INDArray cotangent,
            INDArray gradient,
            @Nullable Parameterization scaling,
            Predicate<ParameterBlock> byRowsAlone) {
        List<LayerJacobian> caught = new ArrayList<>();
        Set<ParameterBlock> reached = new HashSet<>();
        backward(stacked(cotangent), (step, node, delta, toInput) -> {
            Optional<ParameterBlock> block = node.step().block();
            block.ifPresent(reached::add);
            if (block.isPresent() && scaling != null) {
                caught.add(step.jacobian(delta, scaling, graph.couplesSamples()));
            }
            if (block.isPresent() && byRowsAlone.test(block.get())) {
                return toInput ? step.vjp(delta) : null;
            }
            return pullBack(step, node, delta, toInput, gradient);
        });
        graph.blocks()
                .filter(block -> !reached.contains(block))
                .forEach(block -> block.write(Nd4j.zeros(outputs.dataType(), block.inputs(), block.units()), gradient));
        Collections.reverse(caught);
        return caught;
    }

    /**
     * Writes what a training step of DL4J's takes from the running statistics of batch normalisations.
     *
     * @param update [P]; written to where running statistics lie that follow the minibatch's
     */
    public void writeStatistics(INDArray update) {
        for (Step.Linearized step : at) {
            if (step instanceof Operation.Linearized operation) {
                operation.writeStatistics(update);
            }
        }
    }

    /**
     * Sends K cotangents back in one pass and captures a and δ of every layer with trainable parameters.
     *
     * @param cotangents [K, N, C]; kept
     * @param scaling the coordinates of the Jacobian's columns
     * @return one factored block of columns a layer, in the model's order; rows belong to pairs (k, n), or, where
     *     {@link LinearizedNetwork#couplesSamples()}, to cotangents
     */
    public List<LayerJacobian> jacobian(INDArray cotangents, Parameterization scaling) {
        List<LayerJacobian> result = new ArrayList<>();
        backward(cotangents, (step, node, delta, toInput) -> {
            if (node.step().block().isPresent()) {
                result.add(step.jacobian(delta, scaling, graph.couplesSamples()));
            }
            return toInput ? step.vjp(delta) : null;
        });
        Collections.reverse(result);
        return result;
    }

    /** What is done at one step on the way back. */
    interface Backward {
        /** Returns the cotangents of the input; null where they are not asked for. */
        @Nullable INDArray through(Operation.Linearized step, Graph.Node node, INDArray delta, boolean toInput);
    }

    /** Sends cotangents of the outputs back to everything that depends on parameters. */
    void backward(INDArray cotangents, Backward backward) {
        backward(cotangents, graph.dependsOnParameters(), backward);
    }

    /** Sends cotangents of the outputs back to some values alone. */
    void backward(INDArray cotangents, BitSet wanted, Backward backward) {
        @Nullable INDArray[] delta = new @Nullable INDArray[values.size()];
        delta[graph.output()] = cotangents;
        List<Graph.Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Graph.Node node = nodes.get(i);
            INDArray own = delta[node.value()];
            delta[node.value()] = null;
            if (own == null || !wanted.get(node.value())) {
                continue;
            }
            List<? extends @Nullable INDArray> back = at.get(i).backward(own, operation -> {
                boolean toInput = wanted.get(node.inputs().get(0));
                return backward.through(operation, node, own, toInput);
            });
            for (int j = 0; j < back.size(); j++) {
                INDArray term = back.get(j);
                if (term != null && wanted.get(node.inputs().get(j))) {
                    add(delta, node.inputs().get(j), term);
                }
            }
        }
    }

    private static void add(@Nullable INDArray[] delta, int value, INDArray term) {
        // a junction may hand the same array to several inputs: never added to in place
        INDArray sum = delta[value];
        delta[value] = sum == null ? term : sum.add(term);
    }

    /**
     * The square root J̃ = SᵀJ of the minibatch's Fisher information matrix.
     *
     * @param root the columns of S as cotangents
     * @param options the coordinates, whether rows are formed, and how much memory may be taken
     * @return J̃
     * @throws MemoryLimitException if it takes more than the limit
     */
    public FisherRoot fisherRoot(OutputRoot root, RootOptions options) {
        return options.formed() ? formed(root, options) : factored(root, options);
    }

    /** Where samples are coupled and each column of S_n goes back on its own, that is N K passes at a time. */
    private FisherRoot factored(OutputRoot root, RootOptions options) {
        if (graph.couplesSamples() && root.rows() == OutputRoot.Rows.EACH_SAMPLE) {
            long cotangents = root.columns().size(0) * root.columns().size(1);
            long bytes = 2 * cotangents * activations() * outputs.dataType().width();
            if (bytes > options.memoryLimit()) {
                throw new MemoryLimitException(String.format(
                        Locale.ROOT,
                        "Below a batch normalisation with batch statistics every one of %d cotangents has a δ at every sample, which "
                                + "takes %.0f MB, and the memory limit is %.0f MB; use a Monte-Carlo Fisher",
                        cotangents,
                        bytes / 1e6,
                        options.memoryLimit() / 1e6));
            }
        }
        return root(jacobian(expanded(root), options.scaling()), root);
    }

    /** Cotangents go back in chunks. */
    @SuppressWarnings("try") // scopes are resources that are never named
    private FisherRoot formed(OutputRoot root, RootOptions options) {
        INDArray cotangents = expanded(root);
        long chunk = graph.cotangentsPerChunk(this, cotangents.size(0), options.memoryLimit());
        List<RootBuilder> builders = graph.rootBuilders(this, cotangents.size(0));
        for (long from = 0; from < cotangents.size(0); from += chunk) {
            long to = Math.min(cotangents.size(0), from + chunk);
            try (Scratch ignored = Scratch.open()) {
                INDArray some = cotangents
                        .get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all())
                        .dup('c');
                List<LayerJacobian> parts = jacobian(some, options.scaling());
                for (int l = 0; l < parts.size(); l++) {
                    builders.get(l).add(parts.get(l), from);
                }
            }
        }
        return root(builders.stream().map(RootBuilder::result).toList(), root);
    }

    /**
     * The cotangents to send back: the columns of S, or, where samples are coupled and each column of S_n is a row of
     * its own, one cotangent for the whole minibatch for each pair (k, n), zero at all samples but n. A Monte-Carlo
     * draw for the whole coupled minibatch is one row: its cross terms vanish in the mean.
     */
    private INDArray expanded(OutputRoot root) {
        INDArray columns = root.columns();
        if (!graph.couplesSamples() || root.rows() == OutputRoot.Rows.WHOLE_MINIBATCH) {
            return columns;
        }
        long k = columns.size(0);
        long n = columns.size(1);
        INDArray expanded = Nd4j.create(columns.dataType(), new long[] {k * n, n, columns.size(2)}, 'c');
        for (long i = 0; i < k; i++) {
            for (long s = 0; s < n; s++) {
                expanded.get(NDArrayIndex.point(i * n + s), NDArrayIndex.point(s), NDArrayIndex.all())
                        .assign(columns.get(NDArrayIndex.point(i), NDArrayIndex.point(s), NDArrayIndex.all()));
            }
        }
        return expanded;
    }

    private FisherRoot root(List<LayerJacobian> layers, OutputRoot root) {
        return new FisherRoot(
                layers, samples(), Math.toIntExact(root.columns().size(0)), parameters, root.whitenedResidual());
    }

    /**
     * The memory of the activations that the derivatives need.
     *
     * @return bytes, without what layers keep beside their outputs
     */
    public long bytes() {
        return activations() * outputs.dataType().width();
    }

    /** The numbers in all activations of the minibatch, the measure of what one cotangent takes on its way back. */
    long activations() {
        return values.stream().mapToLong(INDArray::length).sum();
    }
}
