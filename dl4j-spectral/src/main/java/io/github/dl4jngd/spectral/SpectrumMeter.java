package io.github.dl4jngd.spectral;

import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.spectral.estimate.BlockPowerIteration;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import io.github.dl4jngd.spectral.estimate.LanczosQuadrature;
import io.github.dl4jngd.spectral.estimate.LargestEigenvalue;
import io.github.dl4jngd.spectral.estimate.Lobpcg;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import io.github.dl4jngd.spectral.estimate.SpectralDensity;
import io.github.dl4jngd.spectral.estimate.TopEigenvalues;
import io.github.dl4jngd.spectral.estimate.Trace;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures the spectrum of Fisher information matrices: λ_max, and what else is asked for.
 *
 * <pre>{@code
 * FisherMatrix matrix = FisherMatrix.of(LinearizedNetwork.of(net)).data(x).build();
 * Spectrum spectrum = SpectrumMeter.builder().top(5).perLayer().trace().build().measure(matrix);
 * }</pre>
 *
 * <p>λ_max costs some products with the matrix, each the price of a forward and a backward pass. A measurement does not
 * depend on earlier ones, unless {@link Builder#warmStarts} says so. Nothing is drawn from ND4J's generator.
 */
public final class SpectrumMeter {

    private static final int TRACE_PRODUCTS = 30;
    private static final int DENSITY_STEPS = 30;
    private static final int OVERSAMPLING = 2;
    private static final int MAX_BLOCK_ITERATIONS = 200;
    private static final long SEED = 1;
    private static final String WHOLE = "";
    /** What the eigenvectors of preconditioned matrices are remembered under, before the layer's name. */
    private static final String PRECONDITIONED = "P⁻¹F ";

    private final Lobpcg largest;
    private final Optional<TopEstimator> top;
    private final int dualRows;
    private final boolean perLayer;
    private final int traceProducts;
    private final int densityVectors;
    private final int restartEvery;
    /** The last eigenvectors, from the layer's name, and the whole matrix's. Empty without warm starts. */
    private final Map<String, INDArray> starts = new LinkedHashMap<>();

    private int measurements;

    /** One of the estimators of several eigenvalues. */
    @FunctionalInterface
    private interface TopEstimator {

        /** Takes rows to start from, or null; those that cannot start from any ignore them. */
        TopEigenvalues estimate(FisherMatrix matrix, INDArray start);
    }

    private SpectrumMeter(Builder builder) {
        this.largest = new Lobpcg(builder.tolerance, builder.maxIterations, SEED);
        this.top = builder.topEstimator();
        this.dualRows = builder.dualRows;
        this.perLayer = builder.perLayer;
        this.traceProducts = builder.traceProducts;
        this.densityVectors = builder.densityVectors;
        this.restartEvery = builder.restartEvery;
    }

    /**
     * Begins a meter with defaults: λ_max, to three digits.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Measures a matrix.
     *
     * @param matrix F at given data
     * @return its spectrum
     * @throws ArithmeticException if a product with it is not finite
     */
    @SuppressWarnings("try") // the scope is a resource that is never named
    public Spectrum measure(FisherMatrix matrix) {
        Objects.requireNonNull(matrix, "matrix");
        // new memory costs more than most of what is done with it: the next measurement gets this one's
        try (Scratch ignored = Scratch.open()) {
            return spectrum(matrix);
        }
    }

    /**
     * Measures P⁻¹F, which is what an updater that multiplies the gradient by P⁻¹ steps along: its largest eigenvalue
     * and, where layers are asked for, that of each layer's own block of P⁻¹ times its block of F. Each iteration is a
     * product with F and one with P⁻¹. Readings that start from the last eigenvectors do so here, too; a measurement of
     * F beside it decides when to start anew.
     *
     * @param matrix F at given data
     * @param inverse P⁻¹, positive definite, on all parameters
     * @return λ_max of P⁻¹F, and of each layer's block; nothing else that was asked for
     * @throws ArithmeticException if a product is not finite
     */
    @SuppressWarnings("try") // the scope is a resource that is never named
    public Spectrum measure(FisherMatrix matrix, SymmetricOperator inverse) {
        Objects.requireNonNull(inverse, "inverse");
        try (Scratch ignored = Scratch.open()) {
            Map<String, Spectrum> layers = new LinkedHashMap<>();
            if (perLayer) {
                for (String layer : matrix.layers()) {
                    layers.put(layer, preconditioned(PRECONDITIONED + layer, matrix.layer(layer), inverse, Map.of()));
                }
            }
            return preconditioned(PRECONDITIONED, matrix, inverse, layers);
        }
    }

    private Spectrum preconditioned(
            String name, FisherMatrix matrix, SymmetricOperator inverse, Map<String, Spectrum> layers) {
        LargestEigenvalue found = largest.estimate(matrix, inverse, start(name, matrix));
        remember(name, found.vector());
        return ofLargest(matrix.description() + ", preconditioned", matrix.dimension(), eigenvalue(found), layers);
    }

    private static Spectrum ofLargest(
            String description, long dimension, Spectrum.Eigenvalues largest, Map<String, Spectrum> layers) {
        return new Spectrum(description, dimension, largest, Optional.empty(), layers, Optional.empty());
    }

    private static Spectrum.Eigenvalues eigenvalue(LargestEigenvalue found) {
        return new Spectrum.Eigenvalues(List.of(found.value()), false, found.iterations(), found.converged());
    }

    private Spectrum spectrum(FisherMatrix matrix) {
        if (restartEvery > 0 && measurements++ % restartEvery == 0) {
            forget();
        }
        Spectrum.Eigenvalues eigenvalues = eigenvalues(matrix);
        Map<String, Spectrum> layers = new LinkedHashMap<>();
        if (perLayer) {
            for (String layer : matrix.layers()) {
                FisherMatrix block = matrix.layer(layer);
                layers.put(layer, ofLargest(block.description(), block.dimension(), lambdaMax(layer, block), Map.of()));
            }
        }
        return new Spectrum(
                matrix.description(),
                matrix.dimension(),
                eigenvalues,
                trace(matrix),
                layers,
                eigenvalues.complete() ? Optional.empty() : density(matrix));
    }

    /** Forgets the last eigenvectors and frees them: the next measurement starts anew. */
    public void forget() {
        starts.clear();
    }

    private Spectrum.Eigenvalues eigenvalues(FisherMatrix matrix) {
        if (matrix.dualSize() <= dualRows) {
            List<Double> all = matrix.fullSpectrum().values();
            return new Spectrum.Eigenvalues(all, true, 0, true);
        }
        if (top.isEmpty()) {
            return lambdaMax(WHOLE, matrix);
        }
        TopEigenvalues found = top.get().estimate(matrix, start(WHOLE, matrix));
        remember(WHOLE, found.vectors());
        return new Spectrum.Eigenvalues(found.values(), false, found.products(), found.converged());
    }

    private Spectrum.Eigenvalues lambdaMax(String block, FisherMatrix matrix) {
        LargestEigenvalue found = largest.estimate(matrix, start(block, matrix));
        remember(block, found.vector());
        return eigenvalue(found);
    }

    /** The last eigenvectors, or null where there are none that fit. */
    private INDArray start(String block, FisherMatrix matrix) {
        INDArray last = starts.get(block);
        return last == null || last.size(-1) != matrix.length() ? null : last;
    }

    /** Copies vectors to where they outlive the measurement. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    private void remember(String block, INDArray vectors) {
        if (restartEvery == 0) {
            return;
        }
        INDArray last = starts.get(block);
        if (last != null && Arrays.equals(last.shape(), vectors.shape()) && last.dataType() == vectors.dataType()) {
            last.assign(vectors);
        } else {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                starts.put(block, vectors.dup());
            }
        }
    }

    private Optional<TraceEstimate> trace(FisherMatrix matrix) {
        if (traceProducts == 0) {
            return Optional.empty();
        }
        return Optional.of(
                matrix.couplesSamples()
                        ? Trace.hutchPlusPlus(matrix, traceProducts, SEED)
                        : new TraceEstimate(matrix.trace(), 0, 0));
    }

    private Optional<SpectralDensity> density(FisherMatrix matrix) {
        return densityVectors == 0
                ? Optional.empty()
                : Optional.of(new LanczosQuadrature(densityVectors, DENSITY_STEPS, SEED).estimate(matrix));
    }

    /** Builds a {@link SpectrumMeter}. */
    public static final class Builder {

        private double tolerance = PowerIteration.DEFAULT_TOLERANCE;
        private int maxIterations = PowerIteration.DEFAULT_MAX_ITERATIONS;
        private int top = 1;
        private Lanczos lanczos;
        private int dualRows;
        private boolean perLayer;
        private int traceProducts;
        private int densityVectors;
        private int restartEvery;

        private Builder() {}

        /**
         * How exactly eigenvalues are estimated; 1e-3 by default.
         *
         * @param relative the tolerance, above zero
         * @return this builder
         */
        public Builder tolerance(double relative) {
            if (!(relative > 0)) {
                throw new IllegalArgumentException("A tolerance must be above zero, got " + relative);
            }
            this.tolerance = relative;
            return this;
        }

        /**
         * How many products with the matrix λ_max may take; 1000 by default. A value that has not converged by then
         * says so.
         *
         * @param products at least one
         * @return this builder
         */
        public Builder maxIterations(int products) {
            this.maxIterations = atLeastOne("An iteration takes at least one product", products);
            return this;
        }

        /**
         * Measures the k largest eigenvalues, by block power iteration where k is above one.
         *
         * @param count k, at least one
         * @return this builder
         */
        public Builder top(int count) {
            this.top = atLeastOne("At least one eigenvalue is read", count);
            this.lanczos = null;
            return this;
        }

        /**
         * Measures the largest eigenvalues by the Lanczos process. It takes fewer products than block power iteration,
         * but starts anew each time.
         *
         * @param process how many, how exactly, and at what cost
         * @return this builder
         */
        public Builder top(Lanczos process) {
            this.lanczos = Objects.requireNonNull(process, "process");
            return this;
        }

        /**
         * Measures all eigenvalues that can differ from zero instead, where that is cheap: from the dual matrix, where
         * it has at most so many rows NK, the data are one minibatch and no batch statistics couple the samples.
         *
         * @param rows the size of the largest dual matrix to decompose, which costs 9 rows³ flops
         * @return this builder
         */
        public Builder decompose(int rows) {
            this.dualRows = atLeastOne("A dual matrix has at least one row", rows);
            return this;
        }

        /**
         * Measures λ_max of each layer's own block too.
         *
         * @return this builder
         */
        public Builder perLayer() {
            this.perLayer = true;
            return this;
        }

        /**
         * Measures the trace too: exactly, or below a batch normalisation by Hutch++ with 30 products.
         *
         * @return this builder
         */
        public Builder trace() {
            return trace(TRACE_PRODUCTS);
        }

        /**
         * Measures the trace too: exactly, or below a batch normalisation by Hutch++.
         *
         * @param products for Hutch++, at least six
         * @return this builder
         */
        public Builder trace(int products) {
            if (products < 6) {
                throw new IllegalArgumentException("Hutch++ needs at least six products, got " + products);
            }
            this.traceProducts = products;
            return this;
        }

        /**
         * Measures the spectral density too, unless all eigenvalues are found: by Lanczos quadrature with 30 nodes,
         * which takes 30 products a direction.
         *
         * @param vectors random directions, at least one
         * @return this builder
         */
        public Builder density(int vectors) {
            this.densityVectors = atLeastOne("A density needs at least one direction", vectors);
            return this;
        }

        /**
         * Starts from the last measurement's eigenvectors, for a matrix that changes little from one measurement to the
         * next, as a network's in training does. Most measurements then take few products. Every n-th starts anew, so
         * that another eigenvector that has overtaken the one followed is not missed for longer.
         *
         * @param every n, at least one
         * @return this builder
         */
        public Builder warmStarts(int every) {
            this.restartEvery = atLeastOne("A meter starts anew every n ≥ 1 measurements", every);
            return this;
        }

        private static int atLeastOne(String rule, int number) {
            if (number < 1) {
                throw new IllegalArgumentException(rule + ", got " + number);
            }
            return number;
        }

        private Optional<TopEstimator> topEstimator() {
            if (lanczos != null) {
                Lanczos process = lanczos;
                return Optional.of((matrix, start) -> process.estimate(matrix));
            }
            return top == 1
                    ? Optional.empty()
                    : Optional.of(
                            new BlockPowerIteration(top, OVERSAMPLING, tolerance, MAX_BLOCK_ITERATIONS, SEED)
                                    ::estimate);
        }

        /**
         * Builds the meter.
         *
         * @return a meter that has measured nothing yet
         */
        public SpectrumMeter build() {
            return new SpectrumMeter(this);
        }
    }
}
