package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.Locale;
import java.util.Optional;

/**
 * Which damping ρ is in force, and why: the constant, scheduled or adapted one, times what the guard adds after steps
 * that it took back. What a system needs beyond it to be solved is the {@link SolveLadder}'s, and what K-FAC's inverses
 * were made with is {@link Curvature#dampingInUse()}.
 */
final class DampingControl implements StepPart {

    private final NaturalGradientConfiguration configuration;
    private final Optional<DampingAdapter> adapter;
    private final LossWatch watch;

    DampingControl(NaturalGradientConfiguration configuration, LinearizedNetwork network, LossWatch watch) {
        this.configuration = configuration;
        this.adapter = configuration
                .adaptiveDamping()
                .map(adaptation -> new DampingAdapter(
                        adaptation, network, configuration.damping().value()));
        this.watch = watch;
    }

    /** ρ of a step. */
    Damping at(int iteration, int epoch) {
        return base(iteration, epoch).times(watch.dampingFactor());
    }

    private Damping base(int iteration, int epoch) {
        Damping configured = configuration.damping();
        return adapter.map(DampingAdapter::damping)
                .or(() -> configuration.dampingSchedule().map(schedule -> schedule.valueAt(iteration, epoch)))
                .map(value -> new Damping(value, configured.relative()))
                .orElse(configured);
    }

    /** Such as "ρ = 0.01 × 10 (guard)"; empty where it is what the configuration says. */
    String explanation(int iteration, int epoch) {
        return watch.dampingFactor() == 1
                ? ""
                : String.format(
                        Locale.ROOT,
                        "ρ = %.3g × %.3g (guard)",
                        base(iteration, epoch).value(),
                        watch.dampingFactor());
    }

    boolean isAdaptive() {
        return adapter.isPresent();
    }

    /** Compares the last step with what was predicted for it, before the new minibatch is looked at. */
    void beforeStep() {
        adapter.ifPresent(DampingAdapter::beforeStep);
    }

    /**
     * Remembers the step, before the updater changes the parameters. Damping is adapted where the minibatch is at hand
     * alone.
     */
    void afterStep(StepPoint point) {
        if (point instanceof MinibatchPoint minibatch) {
            adapter.ifPresent(own -> own.afterStep(minibatch));
        }
    }

    /** The last ratio of actual to predicted loss change; NaN without adaptation. */
    double reductionRatio() {
        return adapter.map(DampingAdapter::reductionRatio).orElse(Double.NaN);
    }

    @Override
    public Undo begin() {
        return adapter.map(DampingAdapter::begin).orElse(() -> {});
    }

    @Override
    public void save(CheckpointState into) {
        adapter.ifPresent(own -> own.save(into.part("adapter")));
    }

    @Override
    public void restore(CheckpointState from) {
        adapter.ifPresent(own -> own.restore(from.part("adapter")));
    }
}
