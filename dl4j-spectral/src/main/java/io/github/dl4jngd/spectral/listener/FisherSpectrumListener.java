package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.training.StepReport;
import io.github.dl4jngd.fisher.training.StepReporter;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.Minibatch;
import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.SpectrumMeter;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.sink.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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
 * stands against the boundary up to which the model's updater is stable.
 *
 * <pre>{@code
 * net.addListeners(FisherSpectrumListener.builder().every(50).csv(Path.of("spectrum.csv")).build());
 * }</pre>
 *
 * <p>A reading of iteration t is taken at the parameters before the step, on the minibatch of the step or on probe
 * data, and compared with the learning rate of the step: the largest of the updaters' rates in force, times the natural
 * gradient's own step where one is attached. λ_max is that of the data loss alone, with the loss's own H unless said
 * otherwise; l1, l2, weight decay and gradient normalisation are not in it.
 *
 * <p>The boundary is the one of the updater in force, and every reading says by which rule:
 *
 * <ul>
 *   <li>{@code Sgd}: 2/λ_max; {@code Nesterovs}: 2(1+μ)/((1+2μ) λ_max);
 *   <li>{@code Adam}, {@code AMSGrad}, {@code AdaMax}: 2(1+β₁)/((1−β₁) λ_max(P^-½ F P^-½)), with P the
 *       diagonal that the step divides by (Cohen et al., <em>Adaptive Gradient Methods at the Edge of Stability</em>,
 *       2022); {@code Nadam}: that over 1+2β₁; {@code AdaGrad}, {@code RmsProp}, {@code AdaDelta}: 2/λ_max(P^-½ F
 *       P^-½);
 *   <li>a natural gradient: λ_max((F̂+ρ)⁻¹F) in place of λ_max, with the damped inverse of the step, and the rule of
 *       the updater behind it;
 *   <li>different rates in different layers: they are part of P; different momenta, and updaters of one's own: none.
 * </ul>
 *
 * <p>A warning is logged when the rate is beyond the boundary in six of the last ten readings, and when it is back in
 * all but three. A natural gradient that fits each step to the curvature along it is not beyond for passing the
 * boundary of a step that is kept: its boundary is measured along the step, on the step's own minibatch.
 *
 * <p>Iterations start from the last reading's eigenvector, but for every tenth reading, which starts anew, so that
 * another eigenvector that has overtaken the one followed is not missed for longer. Most readings then take a few
 * products with the matrix, each the price of a forward and a backward pass. Training is bit for bit what it is without
 * the listener: nothing of the model is written and no number drawn from ND4J's generator. A reading that fails is
 * logged and left out, and training goes on. A listener that sees another model starts anew with it: the readings of a
 * {@code ParallelWrapper}'s workers say by {@link Reading#model()} whose they are. The time spent is in every reading
 * and in {@link #timeSpent()}.
 */
public final class FisherSpectrumListener extends BaseTrainingListener implements AutoCloseable {

    /** Iterations between readings where nothing is said. */
    public static final int DEFAULT_EVERY = 50;

    private static final Logger log = LoggerFactory.getLogger(FisherSpectrumListener.class);

    /** How many products λ_max may take: training is not to wait for longer. */
    private static final int MAX_ITERATIONS = 500;

    /** How many readings there are from one that starts anew to the next. */
    private static final int RESTART_EVERY = 10;

    private final List<Minibatch> probe;
    private final FisherType type;
    private final MetricConvention convention;
    private final SpectrumMeter meter;
    private final Schedule schedule;
    private final Sinks sinks;

    private final SeenModels<Watched> models = new SeenModels<>(Watched::new);

    /** The model whose eigenvectors the next reading may start from. */
    private Watched last;

    /** When training began; 0 before. */
    private long began;

    private long nanoseconds;
    private int readings;
    private int failures;

    private FisherSpectrumListener(Builder builder) {
        this.probe = builder.probe;
        this.type = builder.type;
        this.convention = builder.convention;
        this.meter = builder.meter.build();
        this.schedule = builder.schedule();
        this.sinks = builder.sinks();
    }

    /**
     * Begins a listener with defaults: λ_max every 50 iterations on the current minibatch, to three digits, to the log.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** What is kept for one of the models. */
    private static final class Watched {
        private final int number;
        private final RecentVerdicts verdicts = new RecentVerdicts();
        /** Measured before the step; reported after it. Null where no reading is under way. */
        private Measurement pending;

        private int lastEpoch = -1;

        Watched(int number) {
            this.number = number;
        }
    }

    /** A reading in the making. */
    private static final class Measurement {
        private final LinearizedNetwork network;
        private final int iteration;
        private final int epoch;
        private final RuleInForce rule;
        private final SpectrumReading.Rate rate;
        private final List<Minibatch> data;
        private final Spectrum spectrum;
        /** The parameters before the step, where they are needed after it; else null. */
        private final INDArray parameters;

        private Stability stability;
        private long nanoseconds;

        Measurement(
                LiveModel live,
                LinearizedNetwork network,
                RuleInForce rule,
                SpectrumReading.Rate rate,
                List<Minibatch> data,
                Spectrum spectrum) {
            this.network = network;
            this.iteration = live.iteration();
            this.epoch = live.epoch();
            this.rule = rule;
            this.rate = rate;
            this.data = data;
            this.spectrum = spectrum;
            this.parameters = rule.matrix() == RuleInForce.Matrix.DIAGONAL
                    ? network.parameters().dup()
                    : null;
            this.stability = rule.stability();
        }
    }

    @Override
    public synchronized void onEpochStart(Model model) {
        begin();
    }

    private void begin() {
        if (began == 0) {
            began = System.nanoTime();
        }
    }

    /** Measures, before the step changes the parameters. Workers of a {@code ParallelWrapper} take turns. */
    @Override
    @SuppressWarnings("try")
    public synchronized void onGradientCalculation(Model model) {
        begin();
        Watched watched = models.of(model);
        watched.pending = null;
        long start = System.nanoTime();
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            LiveModel live = LiveModel.of(model);
            if (schedule.isDue(live.iteration(), live.epoch(), watched.lastEpoch)) {
                watched.lastEpoch = live.epoch();
                if (watched != last) {
                    last = watched;
                    meter.forget();
                }
                watched.pending = measure(live);
                ask(live, watched);
            }
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            fail("The spectrum could not be read", e);
        } finally {
            spent(watched.pending, start);
        }
    }

    /** Reports, once it is known what the step was multiplied by. */
    @Override
    @SuppressWarnings("try")
    public synchronized void iterationDone(Model model, int iteration, int epoch) {
        Watched watched = models.of(model);
        Measurement measured = watched.pending;
        watched.pending = null;
        if (measured == null) {
            return;
        }
        long start = System.nanoTime();
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            LiveModel live = LiveModel.of(model);
            if (measured.parameters != null) {
                SymmetricOperator inverse = RuleInForce.diagonal(
                        live, measured.network, measured.iteration, measured.epoch, measured.rate.learningRate());
                precondition(watched, measured, inverse, measured.parameters);
            }
            boolean before = watched.verdicts.isBeyond();
            SpectrumReading reading = reading(live, watched, measured, System.nanoTime() - start);
            readings++;
            sinks.accept(reading);
            warn(watched, before, reading);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            fail("A reading of the spectrum could not be reported", e);
        } finally {
            nanoseconds += System.nanoTime() - start;
        }
    }

    private void spent(Measurement on, long start) {
        long time = System.nanoTime() - start;
        nanoseconds += time;
        if (on != null) {
            on.nanoseconds += time;
        }
    }

    @Override
    public synchronized void onEpochEnd(Model model) {
        long start = System.nanoTime();
        sinks.flush();
        nanoseconds += System.nanoTime() - start;
    }

    /** In memory that is the next reading's. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    private Measurement measure(LiveModel live) {
        LinearizedNetwork network = live.compile(BatchStatistics.COUPLED);
        RuleInForce rule = RuleInForce.of(live, network);
        List<Minibatch> data = probe.isEmpty() ? List.of(current(live)) : probe;
        SpectrumReading.Rate rate = new SpectrumReading.Rate(
                live.learningRates(network, live.iteration(), live.epoch())
                        .max()
                        .orElse(Double.NaN),
                Double.NaN,
                live.isMeanGradient() ? 1 : live.inputs().get(0).size(0));
        Spectrum spectrum;
        try (Scratch ignored = Scratch.open()) {
            spectrum = meter.measure(matrix(network, data, network.parameters()));
        }
        boolean after = rule.matrix() == RuleInForce.Matrix.DIAGONAL && probe.isEmpty();
        return new Measurement(
                live, network, rule, rate, after ? List.of(each(data.get(0), INDArray::detach)) : data, spectrum);
    }

    private FisherMatrix matrix(LinearizedNetwork network, List<Minibatch> data, INDArray parameters) {
        return FisherMatrix.of(network)
                .data(data)
                .type(type)
                .convention(convention)
                .at(parameters)
                .build();
    }

    /** Asks a natural gradient for its matrix, which it has in the step alone. */
    private void ask(LiveModel live, Watched watched) {
        Measurement measured = watched.pending;
        if (measured.rule.matrix() == RuleInForce.Matrix.NATURAL_GRADIENT
                && live.updater() instanceof StepReporter reporter) {
            reporter.observeNextStep(inverse -> observe(watched, measured, inverse));
        }
    }

    @SuppressWarnings("try")
    private synchronized void observe(Watched watched, Measurement measured, SymmetricOperator inverse) {
        if (watched.pending != measured) {
            return;
        }
        long start = System.nanoTime();
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            precondition(watched, measured, inverse, measured.network.parameters());
        } finally {
            spent(measured, start);
        }
    }

    /** Measures P⁻¹F; where that fails, there is no verdict. */
    @SuppressWarnings("try")
    private void precondition(Watched watched, Measurement measured, SymmetricOperator inverse, INDArray parameters) {
        try (Scratch ignored = Scratch.open()) {
            if (watched != last) {
                last = watched;
                meter.forget();
            }
            measured.stability = measured.stability.with(
                    meter.measure(matrix(measured.network, measured.data, parameters), inverse));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            fail("The boundary of " + measured.stability.updater() + " could not be read", e);
        }
    }

    private SpectrumReading reading(LiveModel live, Watched watched, Measurement measured, long since) {
        Optional<StepReport> step = live.lastStep();
        SpectrumReading.Rate rate =
                step.map(report -> measured.rate.withStep(report.step())).orElse(measured.rate);
        Stability stability = step.filter(report -> measured.stability.fitted())
                .map(report -> measured.stability.along(report.minimizer()))
                .orElse(measured.stability);
        SpectrumReading reading = new SpectrumReading(
                watched.number,
                measured.iteration,
                measured.epoch,
                probe.isEmpty() ? "minibatch" : "probe",
                measured.spectrum,
                rate,
                stability,
                live.score(),
                watched.verdicts.tally(),
                Math.min(1, (double) (nanoseconds + since) / Math.max(1, System.nanoTime() - began)),
                (measured.nanoseconds + since) / 1e6);
        watched.verdicts.add(reading.verdict());
        return reading.with(watched.verdicts.tally());
    }

    private static Minibatch current(LiveModel live) {
        String objection = live.objection();
        if (objection != null) {
            throw new IllegalStateException(objection);
        }
        return new Minibatch(live.inputs(), live.labels(), live.lossMasks(), live.layerMasks());
    }

    private static Minibatch each(Minibatch minibatch, UnaryOperator<INDArray> copy) {
        List<INDArray> masks = new ArrayList<>(minibatch.masks());
        // a mask may be null
        masks.replaceAll(mask -> mask == null ? null : copy.apply(mask));
        return new Minibatch(
                minibatch.inputs().stream().map(copy).toList(),
                minibatch.labels().stream().map(copy).toList(),
                masks,
                minibatch.layerMasks().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, mask -> copy.apply(mask.getValue()))));
    }

    /** Logs a failure, the first one with its stack trace, and then each time their number has doubled. */
    private void fail(String what, Throwable failure) {
        failures++;
        if (failures == 1) {
            log.warn("{}; training goes on", what, failure);
        } else if (Integer.bitCount(failures) == 1) {
            log.warn("{}; training goes on: {} ({} readings have failed)", what, failure.toString(), failures);
        }
    }

    /** Tells when the last readings have come to agree on another side of the boundary. */
    private static void warn(Watched watched, boolean before, SpectrumReading reading) {
        boolean now = watched.verdicts.isBeyond();
        if (now == before) {
            return;
        }
        Stability stability = reading.stability();
        if (now) {
            log.warn(
                    "At iteration {} the rate {} is beyond {} (which is {}), as in {} of the last {} readings: {} is "
                            + "unstable along {}",
                    reading.iteration(),
                    reading.rate().value(),
                    stability.text(),
                    reading.boundary(),
                    reading.lately().beyond(),
                    reading.lately().of(),
                    stability.rule(),
                    stability.fitted() ? "its own steps" : "the top eigenvector");
        } else {
            log.warn(
                    "At iteration {} the rate {} is back within {} (which is {}), but for {} of the last {} readings",
                    reading.iteration(),
                    reading.rate().value(),
                    stability.text(),
                    reading.boundary(),
                    reading.lately().beyond(),
                    reading.lately().of());
        }
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
     * @return their number; not each was logged
     */
    public int failures() {
        return failures;
    }

    /** Closes the sinks and frees the eigenvectors, and what the calling thread's readings have kept for the next. */
    @Override
    public void close() {
        sinks.close();
        meter.forget();
        Scratch.release();
    }

    /** Builds a {@link FisherSpectrumListener}. */
    public static final class Builder extends ListenerBuilder<Builder> {

        private List<Minibatch> probe = List.of();
        private FisherType type = FisherType.TRUE;
        private MetricConvention convention = MetricConvention.LOSS;
        private final SpectrumMeter.Builder meter =
                SpectrumMeter.builder().maxIterations(MAX_ITERATIONS).warmStarts(RESTART_EVERY);

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
                    .map(minibatch -> each(minibatch, INDArray::dup))
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
         * Says which Fisher is read; the true one by default.
         *
         * @param fisherType the type
         * @return this builder
         */
        public Builder type(FisherType fisherType) {
            this.type = Objects.requireNonNull(fisherType, "type");
            return this;
        }

        /**
         * Says which output metric is read; the loss's own by default, which the boundary 2/λ_max needs.
         *
         * @param metricConvention the convention
         * @return this builder
         */
        public Builder convention(MetricConvention metricConvention) {
            this.convention = Objects.requireNonNull(metricConvention, "convention");
            return this;
        }

        /**
         * Says how exactly eigenvalues are read; 1e-3 by default.
         *
         * @param relative the tolerance of eigenvalues
         * @return this builder
         */
        public Builder tolerance(double relative) {
            meter.tolerance(relative);
            return this;
        }

        /**
         * Reads the k largest eigenvalues too, by block power iteration from the last reading's block.
         *
         * @param count k, at least one
         * @return this builder
         */
        public Builder top(int count) {
            meter.top(count);
            return this;
        }

        /**
         * Reads λ_max of each layer's own block too.
         *
         * @return this builder
         */
        public Builder perLayer() {
            meter.perLayer();
            return this;
        }

        /**
         * Reads the trace too: exactly, or below a batch normalisation by Hutch++ with 30 products.
         *
         * @return this builder
         */
        public Builder trace() {
            meter.trace();
            return this;
        }

        /**
         * Reads the spectral density too, by Lanczos quadrature with 30 nodes: 30 products a direction.
         *
         * @param vectors random directions, at least one
         * @return this builder
         */
        public Builder density(int vectors) {
            meter.density(vectors);
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
