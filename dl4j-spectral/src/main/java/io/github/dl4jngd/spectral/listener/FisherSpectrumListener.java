package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.training.LiveModel;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.Minibatch;
import io.github.dl4jngd.spectral.estimate.BlockPowerIteration;
import io.github.dl4jngd.spectral.estimate.LanczosQuadrature;
import io.github.dl4jngd.spectral.estimate.LargestEigenvalue;
import io.github.dl4jngd.spectral.estimate.Lobpcg;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import io.github.dl4jngd.spectral.estimate.TopEigenvalues;
import io.github.dl4jngd.spectral.estimate.Trace;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.sink.Reading;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Estimates the Fisher information matrix's largest eigenvalue while a model trains, and says where the learning rate
 * stands against the boundary 2/λ_max of gradient descent.
 *
 * <pre>{@code
 * net.addListeners(FisherSpectrumListener.builder().every(50).csv(Path.of("spectrum.csv")).build());
 * }</pre>
 *
 * <p>A reading of iteration t is taken at the parameters before the step, on the minibatch of the step or on probe
 * data, and compared with the learning rate of the step: the largest of the updaters' rates in force, times the natural
 * gradient's own step where one is attached. λ_max is that of the data loss alone, with the loss's own H unless said
 * otherwise; l1, l2 and weight decay are not in it. The boundary is plain gradient descent's; for Nesterov momentum μ
 * it is (2 + 2μ)/((1 + 2μ) λ_max), and updaters such as Adam rescale the gradient, so that their rate has no such
 * boundary. A warning is logged when the rate crosses the boundary, and again when it comes back.
 *
 * <p>Iterations start from the last reading's eigenvector, but for every tenth reading, which starts anew, so that
 * another eigenvector that has overtaken the one followed is not missed for longer. Most readings then take a few
 * products with the matrix, each the price of a forward and a backward pass. Training is bit for bit what it is without
 * the listener: nothing of the model is written and no number drawn from ND4J's generator. A reading that fails is
 * logged and left out, and training goes on. A listener that sees another model starts anew with it. The time spent is
 * in every reading and in {@link #timeSpent()}.
 */
public final class FisherSpectrumListener extends BaseTrainingListener implements AutoCloseable {

    /** Iterations between readings where nothing is said. */
    public static final int DEFAULT_EVERY = 50;

    private static final Logger log = LoggerFactory.getLogger(FisherSpectrumListener.class);

    private static final int TRACE_PRODUCTS = 30;
    private static final int DENSITY_STEPS = 30;
    private static final int OVERSAMPLING = 2;
    private static final int MAX_BLOCK_ITERATIONS = 200;
    private static final int MAX_ITERATIONS = 500;
    private static final long SEED = 1;
    private static final String WHOLE = "";
    /** Readings from one cold start to the next. */
    private static final int COLD_EVERY = 10;

    private final Options options;
    private final Schedule schedule;
    private final Sinks sinks;
    /** The last eigenvectors, from the layer's name, and the whole network's. */
    private final Map<String, INDArray> starts = new LinkedHashMap<>();

    /** Measured before the step; reported after it. */
    private SpectrumReading pending;

    private Model watched;
    private int lastEpoch = -1;
    private boolean beyond;
    private long nanoseconds;
    private int measurements;
    private int readings;
    private int failures;

    /** What to read. */
    private record Options(
            List<Minibatch> probe,
            FisherType type,
            MetricConvention convention,
            double tolerance,
            int top,
            boolean perLayer,
            boolean trace,
            int densityVectors) {}

    private FisherSpectrumListener(Builder builder) {
        this.options = new Options(
                builder.probe,
                builder.type,
                builder.convention,
                builder.tolerance,
                builder.top,
                builder.perLayer,
                builder.trace,
                builder.densityVectors);
        this.schedule = builder.schedule();
        this.sinks = builder.sinks();
    }

    /**
     * A listener with defaults: λ_max every 50 iterations on the current minibatch, to three digits, to the log.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Measures, before the step changes the parameters. */
    @Override
    @SuppressWarnings("try")
    public void onGradientCalculation(Model model) {
        pending = null;
        long start = System.nanoTime();
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            LiveModel live = LiveModel.of(model);
            if (model != watched) {
                watched = model;
                lastEpoch = -1;
                beyond = false;
                starts.clear();
            }
            if (schedule.isDue(live.iteration(), live.epoch(), lastEpoch)) {
                lastEpoch = live.epoch();
                pending = measure(live, start);
            }
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            fail("The spectrum could not be read", e);
        } finally {
            nanoseconds += System.nanoTime() - start;
        }
    }

    /** Reports, once it is known what the step was multiplied by. */
    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        SpectrumReading measured = pending;
        pending = null;
        if (measured == null) {
            return;
        }
        long start = System.nanoTime();
        try {
            SpectrumReading reading = LiveModel.of(model)
                    .lastStep()
                    .map(report -> measured.withStep(report.step()))
                    .orElse(measured);
            readings++;
            sinks.accept(reading);
            warn(reading);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            fail("A reading of the spectrum could not be reported", e);
        } finally {
            nanoseconds += System.nanoTime() - start;
        }
    }

    @Override
    public void onEpochEnd(Model model) {
        long start = System.nanoTime();
        sinks.flush();
        nanoseconds += System.nanoTime() - start;
    }

    private SpectrumReading measure(LiveModel live, long start) {
        if (measurements++ % COLD_EVERY == 0) {
            starts.clear();
        }
        LinearizedNetwork network = live.compile(BatchStatistics.COUPLED);
        List<Minibatch> data = options.probe.isEmpty() ? List.of(current(live)) : options.probe;
        FisherMatrix whole = FisherMatrix.of(network)
                .data(data)
                .type(options.type)
                .convention(options.convention)
                .build();
        double lambdaMax;
        int products;
        boolean converged;
        List<Double> top = List.of();
        if (options.top > 1) {
            TopEigenvalues found = new BlockPowerIteration(
                            options.top, OVERSAMPLING, options.tolerance, MAX_BLOCK_ITERATIONS, SEED)
                    .estimate(whole, start(WHOLE, whole));
            starts.put(WHOLE, found.vectors());
            top = found.values();
            lambdaMax = top.get(0);
            products = found.products();
            converged = found.converged();
        } else {
            LargestEigenvalue found = largest(WHOLE, whole);
            lambdaMax = found.value();
            products = found.iterations();
            converged = found.converged();
        }
        Map<String, Double> layers = new LinkedHashMap<>();
        if (options.perLayer) {
            for (LayerDescription layer : network.trainableLayers()) {
                layers.put(
                        layer.name(),
                        largest(layer.name(), whole.layer(layer.name())).value());
            }
        }
        return new SpectrumReading(
                live.iteration(),
                live.epoch(),
                (options.probe.isEmpty() ? "minibatch: " : "probe: ") + whole.description(),
                lambdaMax,
                products,
                converged,
                live.learningRates(network, live.iteration(), live.epoch())
                        .max()
                        .orElse(Double.NaN),
                Double.NaN,
                live.isMeanGradient() ? 1 : live.inputs().get(0).size(0),
                top,
                options.trace ? trace(network, whole) : Double.NaN,
                layers,
                options.densityVectors > 0
                        ? Optional.of(
                                new LanczosQuadrature(options.densityVectors, DENSITY_STEPS, SEED).estimate(whole))
                        : Optional.empty(),
                (System.nanoTime() - start) / 1e6);
    }

    private static double trace(LinearizedNetwork network, FisherMatrix matrix) {
        return network.couplesSamples()
                ? Trace.hutchPlusPlus(matrix, TRACE_PRODUCTS, SEED).value()
                : matrix.trace();
    }

    private static Minibatch current(LiveModel live) {
        String objection = live.objection();
        if (objection != null) {
            throw new IllegalStateException(objection);
        }
        return new Minibatch(live.inputs(), live.labels());
    }

    private LargestEigenvalue largest(String layer, FisherMatrix matrix) {
        LargestEigenvalue found =
                new Lobpcg(options.tolerance, MAX_ITERATIONS, SEED).estimate(matrix, start(layer, matrix));
        starts.put(layer, found.vector());
        return found;
    }

    /** The last eigenvectors, or null where there are none that fit. */
    private INDArray start(String layer, FisherMatrix matrix) {
        INDArray last = starts.get(layer);
        return last == null || last.size(-1) != matrix.length() ? null : last;
    }

    /** The first with its stack trace. */
    private void fail(String what, Throwable failure) {
        failures++;
        if (failures == 1) {
            log.warn("{}; training goes on", what, failure);
        } else {
            log.warn("{}; training goes on: {}", what, failure.toString());
        }
    }

    private void warn(SpectrumReading reading) {
        if (Double.isNaN(reading.ratio())) {
            return;
        }
        boolean now = reading.ratio() > 1;
        if (now != beyond) {
            log.warn(
                    now
                            ? "At iteration {} the learning rate {} is beyond 2/λ_max = {}: plain gradient descent would be unstable "
                                    + "along the top eigenvector"
                            : "At iteration {} the learning rate {} is back within 2/λ_max = {}",
                    reading.iteration(),
                    reading.rate(),
                    reading.boundary());
        }
        beyond = now;
    }

    /**
     * The time that training waited for this listener.
     *
     * @return measuring and reporting
     */
    public Duration timeSpent() {
        return Duration.ofNanos(nanoseconds);
    }

    /**
     * The number of readings that were reported.
     *
     * @return their number
     */
    public int readings() {
        return readings;
    }

    /**
     * The number of readings that failed.
     *
     * @return their number; each was logged
     */
    public int failures() {
        return failures;
    }

    /** Closes the sinks and frees the eigenvectors. */
    @Override
    public void close() {
        sinks.close();
        starts.clear();
    }

    /** Builds a {@link FisherSpectrumListener}. */
    public static final class Builder extends ListenerBuilder<Builder> {

        private List<Minibatch> probe = List.of();
        private FisherType type = FisherType.TRUE;
        private MetricConvention convention = MetricConvention.LOSS;
        private double tolerance = PowerIteration.DEFAULT_TOLERANCE;
        private int top = 1;
        private boolean perLayer;
        private boolean trace;
        private int densityVectors;

        private Builder() {
            super(DEFAULT_EVERY);
        }

        @Override
        Builder self() {
            return this;
        }

        @Override
        String title() {
            return "Fisher spectrum while training";
        }

        @Override
        List<LinePlot> plots(List<Reading> readings) {
            return SpectrumPlots.of(readings);
        }

        /**
         * Reads on fixed data instead of the current minibatch. The data are copied.
         *
         * @param minibatches of any number; a batch normalisation takes each one's own statistics
         * @return this builder
         */
        public Builder probe(List<Minibatch> minibatches) {
            if (minibatches.isEmpty()) {
                throw new IllegalArgumentException("A probe needs at least one minibatch");
            }
            this.probe = minibatches.stream()
                    .map(minibatch -> new Minibatch(
                            minibatch.inputs().stream().map(INDArray::dup).toList(),
                            minibatch.labels() == null
                                    ? null
                                    : minibatch.labels().dup()))
                    .toList();
            return this;
        }

        /**
         * Reads on fixed data instead of the current minibatch. The data are copied.
         *
         * @param minibatches one or more
         * @return this builder
         */
        public Builder probe(DataSet... minibatches) {
            return probe(Arrays.stream(minibatches).map(Minibatch::of).toList());
        }

        /**
         * Which Fisher; the true one by default.
         *
         * @param fisherType the type
         * @return this builder
         */
        public Builder type(FisherType fisherType) {
            this.type = Objects.requireNonNull(fisherType, "type");
            return this;
        }

        /**
         * Which output metric; the loss's own by default, which the boundary 2/λ_max needs.
         *
         * @param metricConvention the convention
         * @return this builder
         */
        public Builder convention(MetricConvention metricConvention) {
            this.convention = Objects.requireNonNull(metricConvention, "convention");
            return this;
        }

        /**
         * How exactly; 1e-3 by default.
         *
         * @param relative the tolerance of eigenvalues
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
         * The k largest eigenvalues too, by block power iteration from the last reading's block.
         *
         * @param count k, at least one
         * @return this builder
         */
        public Builder top(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("At least one eigenvalue is read, got " + count);
            }
            this.top = count;
            return this;
        }

        /**
         * λ_max of each layer's own block too.
         *
         * @return this builder
         */
        public Builder perLayer() {
            this.perLayer = true;
            return this;
        }

        /**
         * The trace too: exactly, or below a batch normalisation by Hutch++ with 30 products.
         *
         * @return this builder
         */
        public Builder trace() {
            this.trace = true;
            return this;
        }

        /**
         * The spectral density too, by Lanczos quadrature with 30 nodes: 30 products a direction.
         *
         * @param vectors random directions, at least one
         * @return this builder
         */
        public Builder density(int vectors) {
            if (vectors < 1) {
                throw new IllegalArgumentException("A density needs at least one direction, got " + vectors);
            }
            this.densityVectors = vectors;
            return this;
        }

        /**
         * Builds the listener.
         *
         * @return for {@code addListeners}
         */
        public FisherSpectrumListener build() {
            return new FisherSpectrumListener(this);
        }
    }
}
