package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * K-FAC over many steps: factors averaged at their interval, inverted at theirs, at once or on another thread.
 *
 * <p>Inverses that another thread makes are used from one factor interval after they were begun on, whenever they are
 * done, so that results do not depend on timing. If that thread fails, the step that would have used them makes them
 * anew, at once, and so can climb the {@link SolveLadder}. Inverses are also made where scheduled or adapted damping
 * has left theirs behind by more than half.
 */
final class KfacCurvature implements Curvature {

    /** The factor by which damping may leave that of the inverses before they are made anew. */
    private static final double STALE_DAMPING = 1.5;

    private final KroneckerConfiguration configuration;
    private final LinearizedNetwork network;
    private final SolveLadder ladder;
    private final Random random;
    private final KroneckerFisher factors;
    private final KroneckerSchedule schedule;
    /** The damping that the inverses in use were made with; null before the first. */
    private Damping inverted;
    /** The damping of inverses that are being made on another thread; null where there are none. */
    private Damping inverting;
    /** Whether inverses that were made on another thread failed and have not been made since. */
    private boolean inversionFailed;

    KfacCurvature(
            KroneckerConfiguration configuration,
            LinearizedNetwork network,
            SolveLadder ladder,
            Random random,
            KroneckerFisher factors) {
        this.configuration = configuration;
        this.network = network;
        this.ladder = ladder;
        this.random = random;
        this.factors = factors;
        this.schedule = new KroneckerSchedule(configuration);
    }

    @Override
    public boolean observes() {
        return schedule.updatesFactors();
    }

    @Override
    public Direction solve(INDArray gradient, StepPoint point, Damping damping) {
        if (observes()) {
            point.observe(factors, random);
        }
        return ladder.solve(damping, rung -> {
            updateInverses(rung);
            return factors.solve(
                    configuration.scaled(network, gradient),
                    usesLogits(point) ? point.gradientRows() : List.of(),
                    inverted);
        });
    }

    @Override
    public Optional<UnaryOperator<INDArray>> inverse() {
        return Optional.of(
                gradient -> factors.solve(gradient, List.of(), inverted).vector());
    }

    /** From the gradient's rows ã and δ, where that is cheaper: dense networks with layers wider than the minibatch. */
    @Override
    public boolean usesLogits(StepPoint point) {
        return point.hasRows() && point.matchesTraining() && network.isDense() && factors.prefersRows(point.samples());
    }

    @Override
    public boolean solvesFromRows(ParameterBlock block, StepPoint point) {
        return usesLogits(point) && factors.solvesFromRows(block.name(), point.samples());
    }

    @Override
    public boolean renewsInverses(Damping damping) {
        return areDue(damping) || (inverting != null && schedule.adoptsInverses());
    }

    /** Whether inverses are made, or begun on another thread. */
    private boolean areDue(Damping damping) {
        return inversionFailed || schedule.updatesInverses() || isStale(damping);
    }

    private void updateInverses(Damping damping) {
        boolean due = areDue(damping);
        if (inverting != null && (due || schedule.adoptsInverses())) {
            adopt();
        }
        if (!due) {
            return;
        }
        if (inverted != null && !inversionFailed && configuration.asynchronousInverses()) {
            factors.startInverses(damping);
            inverting = damping;
            schedule.startedInverses();
        } else {
            factors.refreshInverses(damping);
            inverted = damping;
            inversionFailed = false;
        }
    }

    /**
     * Waits for the inverses that are being made. They are forgotten even if they failed: they are then made anew, at
     * once.
     */
    private void adopt() {
        Damping ready = inverting;
        inverting = null;
        inversionFailed = true;
        factors.adoptInverses();
        inversionFailed = false;
        inverted = ready;
    }

    private boolean isStale(Damping damping) {
        double ratio = damping.value() / (inverting == null ? inverted : inverting).value();
        return ratio > STALE_DAMPING || ratio < 1 / STALE_DAMPING;
    }

    @Override
    public Damping dampingInUse() {
        return inverted;
    }

    /** The configuration allows analytic scaling only where every step has its own minibatch's factors. */
    @Override
    public double isotropyConstant(Direction direction) {
        throw new IllegalStateException("Averaged factors have no analytic isotropy constant");
    }

    @Override
    public void stepMade() {
        schedule.step();
    }

    @Override
    public Undo begin() {
        Undo factorsBefore = undoing(factors);
        Undo scheduleBefore = schedule.begin();
        Damping invertedBefore = inverted;
        Damping invertingBefore = inverting;
        boolean failedBefore = inversionFailed;
        return new Undo() {
            @Override
            public void undo() {
                factorsBefore.undo();
                scheduleBefore.undo();
                inverted = invertedBefore;
                inverting = invertingBefore;
                inversionFailed = failedBefore;
            }

            @Override
            public void keep() {
                factorsBefore.keep();
            }
        };
    }

    /**
     * Factors lie outside workspaces: those that a step replaces are freed when it is made, and back when it failed.
     */
    static Undo undoing(KroneckerFisher factors) {
        KroneckerFisher.Snapshot before = factors.snapshot();
        return new Undo() {
            @Override
            public void undo() {
                before.restore();
            }

            @Override
            public void keep() {
                before.discard();
            }
        };
    }

    @Override
    public void save(CheckpointState into) {
        schedule.save(into.part("schedule"));
        KfacStateCodec.save(factors.state(), into.part("factors"));
        save(inverted, into.part("inverted"));
        save(inverting, into.part("inverting"));
        into.put("inversionFailed", inversionFailed);
    }

    private static void save(Damping damping, CheckpointState into) {
        if (damping != null) {
            into.put("damping", damping.value());
            into.put("relative", damping.relative());
        }
    }

    @Override
    public void restore(CheckpointState from) {
        schedule.restore(from.part("schedule"));
        factors.restore(network.blocks(), KfacStateCodec.restore(from.part("factors")));
        inverted = damping(from.part("inverted"));
        inverting = damping(from.part("inverting"));
        inversionFailed = from.flag("inversionFailed");
    }

    private static Damping damping(CheckpointState from) {
        return from.has("damping") ? new Damping(from.number("damping"), from.flag("relative")) : null;
    }

    @Override
    public void close() {
        factors.close();
    }
}
