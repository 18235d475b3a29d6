package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.training.StepReport;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.sink.Reading;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what natural-gradient steps do: the measured isotropy constant α̂, the anisotropy, the damping and the
 * step.
 *
 * <p>It reads what the attached natural gradient has computed anyway. Where a configuration does not measure α̂ and the
 * anisotropy in the step at which a reading is due, such as K-FAC's default in four of five, the reading is of the next
 * step that does. Without a natural gradient there is nothing to read, which is logged once.
 */
public final class IsotropyListener extends BaseTrainingListener implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(IsotropyListener.class);

    private final Schedule schedule;
    private final Sinks sinks;
    private final SeenModels<Seen> models = new SeenModels<>(Seen::new);
    private boolean missed;

    /** What is kept for one of the models, such as the copies of a {@code ParallelWrapper}'s workers. */
    private static final class Seen {
        private final int number;
        private int lastEpoch = -1;
        /** Whether a reading is due, of the next step that has one. */
        private boolean due;

        Seen(int number) {
            this.number = number;
        }
    }

    private IsotropyListener(Builder builder) {
        this.schedule = builder.schedule();
        this.sinks = builder.sinks();
    }

    /**
     * Begins a listener with defaults: every iteration, to the log.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public synchronized void iterationDone(Model model, int iteration, int epoch) {
        Seen seen = models.of(model);
        if (schedule.isDue(iteration, epoch, seen.lastEpoch)) {
            seen.lastEpoch = epoch;
            seen.due = true;
        }
        if (!seen.due) {
            return;
        }
        try {
            LiveModel.of(model).lastStep().ifPresentOrElse(report -> read(seen, iteration, epoch, report), this::miss);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            log.warn("The isotropy of iteration {} could not be read; training goes on", iteration, e);
        }
    }

    private void read(Seen seen, int iteration, int epoch, StepReport report) {
        if (Double.isFinite(report.alpha())) {
            seen.due = false;
            sinks.accept(new IsotropyReading(seen.number, iteration, epoch, report));
        }
    }

    private void miss() {
        if (!missed) {
            log.warn(
                    "The model has no natural gradient attached, or none has made a step: there is no isotropy to read");
        }
        missed = true;
    }

    @Override
    public synchronized void onEpochEnd(Model model) {
        sinks.flush();
    }

    /** Closes the sinks. */
    @Override
    public void close() {
        sinks.close();
    }

    /** Builds an {@link IsotropyListener}. */
    public static final class Builder extends ListenerBuilder<Builder> {

        private Builder() {
            super(1);
        }

        @Override
        Builder self() {
            return this;
        }

        @Override
        String title() {
            return "Natural-gradient steps";
        }

        @Override
        List<LinePlot> plots(List<Reading> readings) {
            return IsotropyPlots.of(readings);
        }

        /**
         * Builds the listener.
         *
         * @return for {@code addListeners}
         */
        public IsotropyListener build() {
            return new IsotropyListener(this);
        }
    }
}
