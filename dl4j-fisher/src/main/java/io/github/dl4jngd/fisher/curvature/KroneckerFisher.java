package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.KroneckerFactored;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.LinearAlgebraException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * K-FAC: per layer F̂_l = A ⊗ G with A = ãᵀã/N and G = Σ_{k,n} δ̃δ̃ᵀ/N (Martens &amp; Grosse 2015), for convolutions as
 * in {@link WeightSharing}; layers without Kronecker factors (batch normalisation, depthwise convolution) get unit-wise
 * blocks, and an embedding's A, whose inputs are words, is a diagonal.
 *
 * <p>V = (A + π√ρ I)⁻¹ [∇W; ∇bᵀ] (G + √ρ/π I)⁻¹ with π² = (tr A/dim A)/(tr G/dim G), §6.3 there; π = 1 where a trace is
 * zero. With an averaging decay β &gt; 0 the factors are bias-corrected exponential means over the observed
 * minibatches; without, they belong to the last minibatch alone, and a dense layer's side whose dual (N×N for A, KN×KN
 * for G) is smaller is solved there, in float64; convolutions, layers whose samples are coupled and split input factors
 * are inverted as they are.
 *
 * <p>{@link #refreshInverses(Damping)} does the factorisations; solutions use what the last refresh left until the
 * next, so that their cost can be spread over many steps. Where {@link Options#refreshAlways()} is set (the default of
 * {@link Options#exact()}) every solution refreshes first. Where inverses are kept, the damping handed to a solution
 * does not change them; {@link #refreshInverses(Damping)} does.
 */
public final class KroneckerFisher implements FisherApproximation {

    private static final long IDLE_SECONDS = 10;

    private final LinearAlgebra linearAlgebra;
    private final Options options;
    private final boolean eigenvalueCorrected;
    private final Map<String, FactoredBlock> blocks = new LinkedHashMap<>();
    private @Nullable FisherRoot root;
    /** Whom to ask for the second moments of what was observed by its sums; null where none are awaited. */
    private @Nullable SecondMoments awaited;

    /** Inversions under way on another thread; null if there are none. */
    private @Nullable Future<List<FactoredBlock.Inverses>> inversions;

    /** The thread that they run on; null before the first. */
    private @Nullable ExecutorService background;

    /**
     * How the factors are averaged and inverted.
     *
     * @param decay β of the exponential mean, 0 ≤ β &lt; 1; 0 keeps the last minibatch alone
     * @param inverse how the factors are inverted
     * @param refreshAlways whether every solution inverts the factors anew
     * @param sharing how the positions of a convolution enter its factors
     * @param maxInputs above how many inputs A is split into diagonal blocks of at most that size
     * @param factorSamples of how many of a minibatch's samples, the first, factors are made
     * @serial exclude
     */
    public record Options(
            double decay,
            KroneckerInverse inverse,
            boolean refreshAlways,
            WeightSharing sharing,
            long maxInputs,
            long factorSamples)
            implements Serializable {

        /**
         * Checks the decay.
         *
         * @param decay β of the exponential mean
         * @param inverse how the factors are inverted
         * @param refreshAlways whether every solution inverts the factors anew
         * @param sharing how the positions of a convolution enter its factors
         * @param maxInputs above how many inputs A is split
         * @param factorSamples of how many samples factors are made
         */
        public Options {
            if (factorSamples < 1) {
                throw new IllegalArgumentException("Factors need at least one sample, got " + factorSamples);
            }
            if (maxInputs < 1) {
                throw new IllegalArgumentException("The largest input factor must be at least 1, was " + maxInputs);
            }
            if (!(decay >= 0 && decay < 1)) {
                throw new IllegalArgumentException("The averaging decay must be in [0, 1), was " + decay);
            }
        }

        /**
         * With factors of all samples.
         *
         * @param decay β of the exponential mean
         * @param inverse how the factors are inverted
         * @param refreshAlways whether every solution inverts the factors anew
         * @param sharing how the positions of a convolution enter its factors
         * @param maxInputs above how many inputs A is split
         */
        public Options(
                double decay, KroneckerInverse inverse, boolean refreshAlways, WeightSharing sharing, long maxInputs) {
            this(decay, inverse, refreshAlways, sharing, maxInputs, UNLIMITED);
        }

        /** No factor is split, every sample taken. */
        public static final long UNLIMITED = Long.MAX_VALUE / 2;

        /**
         * The definition: no averaging, every solution from the last minibatch.
         *
         * @return the options
         */
        public static Options exact() {
            return new Options(0, KroneckerInverse.CHOLESKY, true, WeightSharing.EXPAND, UNLIMITED);
        }
    }

    /**
     * An approximation that has seen nothing yet.
     *
     * @param linearAlgebra factorisations
     * @param options averaging and inversion
     */
    public KroneckerFisher(LinearAlgebra linearAlgebra, Options options) {
        this(linearAlgebra, options, false);
    }

    private KroneckerFisher(LinearAlgebra linearAlgebra, Options options, boolean eigenvalueCorrected) {
        this.linearAlgebra = linearAlgebra;
        this.options = options;
        this.eigenvalueCorrected = eigenvalueCorrected;
    }

    /**
     * E-KFAC: F̂_l = (U_A ⊗ U_G) diag(S) (U_A ⊗ U_G)ᵀ with the eigenvectors of A and G, made where K-FAC inverts them,
     * and S = (1/N) Σ_n (U_Aᵀ R_n U_G)∘² over the gradients R_n = Σ_t ã_t δ̃_tᵀ of single samples, averaged at every
     * observed minibatch: V = U_A [(U_Aᵀ ∇ U_G) / (S + ρ)] U_Gᵀ. Source: George et al., NeurIPS 2018.
     *
     * @param linearAlgebra factorisations
     * @param options averaging; {@link Options#inverse()} plays no part
     * @return an approximation that has seen nothing yet
     */
    public static KroneckerFisher eigenvalueCorrected(LinearAlgebra linearAlgebra, Options options) {
        return new KroneckerFisher(linearAlgebra, options, true);
    }

    @Override
    public void observe(FisherRoot root) {
        settle();
        this.root = root;
        for (LayerJacobian layer : root.layers()) {
            block(layer).observe(layer, root.samples());
        }
    }

    /** From bases by block, U of A's blocks and U_G, to the sums of second moments in them, at what was observed. */
    @FunctionalInterface
    public interface SecondMoments {

        /**
         * Sums them up.
         *
         * @param bases by the block's name
         * @return sums that {@link #addSecondMoments} was given a builder for
         */
        SampleSums in(Map<String, List<INDArray>> bases);
    }

    /**
     * Observes a minibatch whose samples lie elsewhere, by the sums over them.
     *
     * @param parameters the network's blocks, in the model's order
     * @param sums what {@link #addFactors} put there
     * @param moments asked once, before the factors are next used, where this is E-KFAC
     */
    public void observe(List<ParameterBlock> parameters, SampleSums sums, SecondMoments moments) {
        settle();
        root = null;
        for (ParameterBlock own : parameters) {
            boolean kronecker = !sums.has(SampleSums.units(own.name()));
            FactoredBlock block = blocks.computeIfAbsent(own.name(), name -> newBlock(own, kronecker));
            List<long[]> shapes = block.statisticShapes();
            List<INDArray> means = new ArrayList<>();
            for (int i = 0; i < shapes.size(); i++) {
                means.add(
                        kronecker
                                ? sums.mean(SampleSums.factor(own.name(), i), shapes.get(i), 'f')
                                : sums.mean(SampleSums.units(own.name()), shapes.get(i), 'c'));
            }
            block.observe(means);
        }
        awaited = eigenvalueCorrected ? moments : null;
    }

    /**
     * What {@link #observe(List, SampleSums, SecondMoments)} is to be given of some samples: N times their factors. A
     * pure function of the rows: no state is kept.
     *
     * @param root J̃ of the samples
     * @param options those of the approximation that observes
     * @param into where the sums go
     */
    public static void addFactors(FisherRoot root, Options options, SampleSums.Builder into) {
        KroneckerFisher plain = new KroneckerFisher(LinearAlgebra.best(), options);
        for (LayerJacobian layer : root.layers()) {
            boolean kronecker = layer instanceof KroneckerFactored;
            List<INDArray> means = plain.newBlock(layer.block(), kronecker).statistics(layer, root.samples());
            for (int i = 0; i < means.size(); i++) {
                INDArray sum = means.get(i).muli(root.samples());
                if (kronecker) {
                    into.with(SampleSums.factor(layer.name(), i), sum, 'f');
                } else {
                    into.with(SampleSums.units(layer.name()), sum, 'c');
                }
            }
        }
    }

    /**
     * N times E-KFAC's second moments of some samples, in given bases.
     *
     * @param root J̃ of the samples
     * @param bases by the block's name; blocks without any are left out
     * @param into where the sums go
     */
    public static void addSecondMoments(FisherRoot root, Map<String, List<INDArray>> bases, SampleSums.Builder into) {
        for (LayerJacobian layer : root.layers()) {
            List<INDArray> own = bases.get(layer.name());
            if (own != null) {
                INDArray squares = EigenvalueCorrectedBlock.secondMoments((KroneckerFactored) layer, own);
                into.with(SampleSums.moments(layer.name()), squares.muli(root.samples()));
            }
        }
    }

    /** Asks for the second moments that blocks await. */
    private void settle() {
        SecondMoments source = awaited;
        if (source == null) {
            return;
        }
        awaited = null;
        Map<String, EigenvalueCorrectedBlock> waiting = new LinkedHashMap<>();
        Map<String, List<INDArray>> bases = new LinkedHashMap<>();
        blocks.forEach((name, block) -> {
            if (block instanceof EigenvalueCorrectedBlock own && own.awaitsMoments()) {
                waiting.put(name, own);
                bases.put(name, own.bases());
            }
        });
        SampleSums sums = source.in(bases);
        waiting.forEach((name, block) -> {
            ParameterBlock own = block.parameters();
            block.settle(sums.mean(SampleSums.moments(name), new long[] {own.inputs(), own.units()}, 'f'));
        });
    }

    /** The layer's block; a new one where it has none yet. */
    private FactoredBlock block(LayerJacobian layer) {
        return blocks.computeIfAbsent(
                layer.name(), name -> newBlock(layer.block(), layer instanceof KroneckerFactored));
    }

    private FactoredBlock newBlock(ParameterBlock parameters, boolean kronecker) {
        if (!kronecker) {
            return new UnitWiseBlock(parameters, linearAlgebra, options.decay());
        }
        AveragedFactors factors = parameters.hasWords()
                ? new EmbeddingBlock(parameters, linearAlgebra, options)
                : new KroneckerBlock(parameters, linearAlgebra, options);
        return eigenvalueCorrected ? new EigenvalueCorrectedBlock(factors, linearAlgebra, options) : factors;
    }

    /**
     * Inverts the factors.
     *
     * @param damping ρ; relative to the mean diagonal of A ⊗ G where it is relative
     */
    public void refreshInverses(Damping damping) {
        requireFactors();
        blocks.values().forEach(block -> block.refresh(damping));
    }

    /**
     * Begins to invert the factors as they are now, on another thread. Until {@link #adoptInverses()} solutions use the
     * inverses they have, and factors may be observed.
     *
     * @param damping ρ; relative to the mean diagonal of A ⊗ G where it is relative
     */
    public void startInverses(Damping damping) {
        requireFactors();
        adoptInverses();
        if (background == null) {
            ThreadPoolExecutor single =
                    new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                        Thread thread = new Thread(task, "kfac-inverses");
                        thread.setDaemon(true);
                        return thread;
                    });
            // so that one that is forgotten ends
            single.allowCoreThreadTimeOut(true);
            background = single;
        }
        List<FactoredBlock.Inversion> started =
                blocks.values().stream().map(block -> block.inversion(damping)).toList();
        inversions = background.submit(
                () -> started.stream().map(FactoredBlock.Inversion::compute).toList());
    }

    /**
     * Waits for what {@link #startInverses(Damping)} began and uses it from now on; does nothing where nothing is under
     * way.
     *
     * @throws LinearAlgebraException if an inversion failed
     */
    public void adoptInverses() {
        if (inversions == null) {
            return;
        }
        Future<List<FactoredBlock.Inverses>> ready = inversions;
        inversions = null;
        Iterator<FactoredBlock.Inverses> inverses = await(ready).iterator();
        blocks.values().forEach(block -> block.adopt(inverses.next()));
    }

    private static List<FactoredBlock.Inverses> await(Future<List<FactoredBlock.Inverses>> ready) {
        try {
            return ready.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LinearAlgebraException("Interrupted while waiting for K-FAC's inverses", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new LinearAlgebraException("K-FAC's inverses failed: " + e.getCause(), e.getCause());
        }
    }

    @Override
    public Direction naturalGradient(Damping damping) {
        FisherRoot root = Requirements.requireObserved(this.root);
        INDArray q = root.requireWhitenedResidual();
        if (options.decay() > 0) {
            return solve(root.gradient(), damping);
        }
        INDArray v = DualSystem.zeros(root, q.dataType());
        double quadratic = 0;
        double jitter = 0;
        for (LayerJacobian layer : root.layers()) {
            FactoredBlock block = block(layer);
            INDArray part =
                    block.naturalGradient(layer, q, root.samples(), damping).castTo(q.dataType());
            quadratic += place(block, part, v, damping);
            jitter = Math.max(jitter, block.jitter());
        }
        return Direction.of(v, quadratic, jitter);
    }

    @Override
    public Direction solve(INDArray gradient, Damping damping) {
        return solve(gradient, List.of(), damping);
    }

    /**
     * Whether {@link #solve(INDArray, List, Damping)} pays, with the backward pass that it takes: for dense layers
     * wider than the minibatch.
     *
     * @param samples N
     * @return whether fewer multiplications are needed with the gradient's rows than without
     */
    public boolean prefersRows(long samples) {
        long saved = 0;
        long below = 0;
        for (FactoredBlock block : blocks.values()) {
            saved += Math.max(0, block.savedByRows(samples));
            // the cotangents at a block come through all blocks above it
            saved -= below == 0 ? 0 : samples * block.parameters().parameters();
            below++;
        }
        return saved > 0;
    }

    /**
     * Whether {@link #solve(INDArray, List, Damping)} makes a block's direction from its rows, and does not look at its
     * part of the gradient.
     *
     * @param block the block's name
     * @param samples N
     * @return false for one that has not been observed yet
     */
    public boolean solvesFromRows(String block, long samples) {
        FactoredBlock own = blocks.get(block);
        return own != null && own.savedByRows(samples) > 0;
    }

    /**
     * The direction for a gradient that is also known by its rows, g = (1/N) Σ_n ã_n ⊗ δ_n: blocks where that is
     * cheaper are V = [ã(A + π√ρ I)⁻¹]ᵀ[δ(G + √ρ/π I)⁻¹]/N, N (in² + out² + in·out) multiplications instead of in²·out
     * + in·out².
     *
     * @param gradient g, [P]; not modified
     * @param rows J̃ for one cotangent ∂loss/∂f of each sample, such as {@code jacobian} gives for the residual; may be
     *     empty
     * @param damping of solutions that refresh
     * @return v, [P], with what the solution took
     */
    public Direction solve(INDArray gradient, List<LayerJacobian> rows, Damping damping) {
        requireFactors();
        settle();
        Map<String, DenseJacobian> known = new HashMap<>();
        for (LayerJacobian layer : rows) {
            if (layer instanceof DenseJacobian dense) {
                known.put(layer.name(), dense);
            }
        }
        long covered = blocks.values().stream()
                .mapToLong(block -> block.parameters().parameters())
                .sum();
        INDArray v = covered == gradient.length()
                ? Nd4j.createUninitialized(gradient.dataType(), gradient.length())
                : Nd4j.create(gradient.dataType(), gradient.length());
        double quadratic = 0;
        double jitter = 0;
        for (FactoredBlock block : blocks.values()) {
            if (options.refreshAlways() || !block.isInverted()) {
                block.refresh(damping);
            }
            DenseJacobian own = known.get(block.parameters().name());
            if (own != null && block.savedByRows(own.samples()) > 0) {
                block.solve(own, 1.0 / own.samples(), v);
                quadratic += block.damping(damping) * block.parameters().squaredNorm(v);
            } else {
                quadratic += place(block, block.solve(block.parameters().read(gradient), damping), v, damping);
            }
            jitter = Math.max(jitter, block.jitter());
        }
        return Direction.of(v, quadratic, jitter);
    }

    /** Writes a block's direction into the whole network's and returns ρ‖v_l‖². */
    private static double place(FactoredBlock block, INDArray part, INDArray direction, Damping damping) {
        block.parameters().write(part, direction);
        return block.damping(damping) * Products.squaredNorm(part);
    }

    /**
     * Remembers factors and inverses, by reference: observing makes new ones.
     *
     * @return what brings them back, or lets go of them
     */
    public Snapshot snapshot() {
        return new Snapshot();
    }

    /** Factors and inverses as they were. Exactly one of {@link #restore()} and {@link #discard()} is to be called. */
    public final class Snapshot {
        private final Map<String, Kept> before = new LinkedHashMap<>();
        private final @Nullable Future<List<FactoredBlock.Inverses>> inversionsBefore = inversions;

        private record Kept(
                FactoredBlock block, List<INDArray> means, double weight, FactoredBlock.@Nullable Inverses inverses) {}

        private Snapshot() {
            blocks.forEach((name, block) -> before.put(
                    name,
                    new Kept(block, block.means(), block.weight(), block.isInverted() ? block.inverses() : null)));
        }

        /** Makes everything what it was. */
        public void restore() {
            awaited = null;
            blocks.keySet().retainAll(before.keySet());
            for (Kept kept : before.values()) {
                closeAllBut(kept.means(), kept.block().means());
                kept.block().restore(kept.means(), kept.weight(), kept.inverses());
            }
            inversions = inversionsBefore;
        }

        /** Frees factors and inverses that have been replaced, without waiting for the garbage collector. */
        public void discard() {
            before.values().forEach(kept -> {
                closeAllBut(kept.block().means(), kept.means());
                if (kept.inverses() != null) {
                    closeAllBut(
                            kept.block().inverses().matrices(), kept.inverses().matrices());
                }
            });
        }

        private void closeAllBut(List<INDArray> kept, List<INDArray> arrays) {
            for (INDArray array : arrays) {
                if (array.closeable() && kept.stream().noneMatch(other -> other == array)) {
                    array.close();
                }
            }
        }
    }

    /**
     * Everything that lives across steps: factors, inverses and those that are still being made, for which it waits.
     *
     * @return the state; its arrays are those in use
     */
    public KfacState state() {
        settle();
        List<FactoredBlock.Inverses> pending = List.of();
        boolean failed = false;
        try {
            pending = inversions == null ? List.of() : await(inversions);
        } catch (LinearAlgebraException e) {
            // whoever adopts them is told
            failed = true;
        }
        List<KfacState.Block> states = new ArrayList<>();
        for (FactoredBlock block : blocks.values()) {
            block.settle();
            FactoredBlock.Inverses next = pending.isEmpty() ? null : pending.get(states.size());
            states.add(new KfacState.Block(
                    block.parameters().name(),
                    !(block instanceof UnitWiseBlock),
                    block.weight(),
                    block.means(),
                    block.isInverted() ? block.inverses().matrices() : List.of(),
                    block.isInverted() ? block.jitter() : 0,
                    next == null ? List.of() : next.matrices(),
                    next == null ? 0 : next.jitter()));
        }
        return new KfacState(states, failed);
    }

    /**
     * Goes on from a state.
     *
     * @param parameters the network's blocks
     * @param state of factors of this network with these options; its arrays are used from now on
     * @throws IllegalArgumentException if it has other blocks or shapes
     */
    public void restore(List<ParameterBlock> parameters, KfacState state) {
        Map<String, ParameterBlock> named = new HashMap<>();
        parameters.forEach(block -> named.put(block.name(), block));
        Map<String, FactoredBlock> restored = new LinkedHashMap<>();
        List<FactoredBlock.Inverses> pending = new ArrayList<>();
        for (KfacState.Block saved : state.blocks()) {
            ParameterBlock own = named.get(saved.name());
            if (own == null) {
                throw new IllegalArgumentException("There is no layer " + saved.name() + " that K-FAC has a block for");
            }
            FactoredBlock block = newBlock(own, saved.kronecker());
            requireShapes(saved.name(), block.meanShapes(), saved.means());
            FactoredBlock.Inverses inverses = null;
            if (!saved.inverses().isEmpty()) {
                requireShapes(saved.name(), block.inverseShapes(), saved.inverses());
                inverses = new FactoredBlock.Inverses(saved.inverses(), saved.jitter());
            }
            block.restore(saved.means(), saved.weight(), inverses);
            if (!saved.pending().isEmpty()) {
                requireShapes(saved.name(), block.inverseShapes(), saved.pending());
                pending.add(new FactoredBlock.Inverses(saved.pending(), saved.pendingJitter()));
            }
            restored.put(saved.name(), block);
        }
        blocks.clear();
        blocks.putAll(restored);
        inversions = state.pendingFailed()
                ? CompletableFuture.failedFuture(
                        new LinearAlgebraException("K-FAC's inverses had failed when the state was saved"))
                : pending.isEmpty() ? null : CompletableFuture.completedFuture(pending);
    }

    private static void requireShapes(String name, List<long[]> shapes, List<INDArray> arrays) {
        boolean same = shapes.size() == arrays.size();
        for (int i = 0; same && i < arrays.size(); i++) {
            same = Arrays.equals(shapes.get(i), arrays.get(i).shape());
        }
        if (!same) {
            throw new IllegalArgumentException("Layer " + name + ": K-FAC's factors have the shapes "
                    + shapes.stream().map(Arrays::toString).toList() + ", those to go on from "
                    + arrays.stream()
                            .map(array -> Arrays.toString(array.shape()))
                            .toList());
        }
    }

    private void requireFactors() {
        if (blocks.isEmpty()) {
            throw new IllegalStateException("No minibatch has been observed yet");
        }
    }

    @Override
    public INDArray toDense() {
        FisherRoot root = Requirements.requireObserved(this.root);
        INDArray dense = DenseForm.zeros(root);
        for (LayerJacobian layer : root.layers()) {
            FactoredBlock block = block(layer);
            INDArray target = Nd4j.create(dense.dataType(), layer.parameters(), layer.parameters());
            INDArray unit = Nd4j.create(dense.dataType(), layer.parameters());
            for (int column = 0; column < layer.parameters(); column++) {
                unit.putScalar(column, 1);
                INDArray matrix = unit.reshape(
                        'f', block.parameters().inputs(), block.parameters().units());
                INDArray image = block.multiply(matrix);
                target.putColumn(column, image.dup('f').reshape('f', new long[] {layer.parameters()}));
                unit.putScalar(column, 0);
            }
            DenseForm.put(dense, layer, layer, target);
        }
        return dense;
    }

    @Override
    public void close() {
        if (background != null) {
            background.shutdownNow();
            background = null;
        }
        inversions = null;
        root = null;
        blocks.clear();
    }
}
