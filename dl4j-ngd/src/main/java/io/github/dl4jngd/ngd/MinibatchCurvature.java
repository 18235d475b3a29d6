package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.ConjugateGradients;
import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The curvature of the step's own minibatch and nothing else: every method but those that average factors or intervals.
 */
final class MinibatchCurvature implements Curvature {

    /** Where conjugate gradients stop: well below what a step along v changes of the loss. */
    private static final double CONJUGATE_GRADIENT_TOLERANCE = 1e-4;

    private static final int CONJUGATE_GRADIENT_ITERATIONS = 200;

    private final NaturalGradientConfiguration configuration;
    private final MethodRule method;
    private final LinearizedNetwork network;
    private final SolveLadder ladder;
    private final Random random;
    private final FisherApproximation approximation;
    private Damping inUse;
    /** Whether the rows of the last step's minibatch fitted, and the approximation has observed them. */
    private boolean observed;

    private IsotropyInputs isotropy;

    MinibatchCurvature(
            NaturalGradientConfiguration configuration, LinearizedNetwork network, SolveLadder ladder, Random random) {
        this.configuration = configuration;
        this.method = MethodRule.of(configuration);
        this.network = network;
        this.ladder = ladder;
        this.random = random;
        this.approximation = method.newApproximation(ladder.linearAlgebra());
    }

    @Override
    public boolean observes() {
        return true;
    }

    @Override
    public Direction solve(INDArray gradient, StepPoint point, Damping damping) {
        observed = false;
        FisherRoot root;
        try {
            requireFittingSystems(point);
            root = method.root(point, random);
        } catch (MemoryLimitException e) {
            return withoutRows(gradient, point, damping, e);
        }
        approximation.observe(root);
        observed = true;
        isotropy = IsotropyInputs.of(root, network, point);
        return ladder.solve(damping, rung -> {
            inUse = rung;
            return usesLogits(point)
                    ? approximation.naturalGradient(rung)
                    : approximation.solve(configuration.scaled(network, gradient), rung);
        });
    }

    /**
     * That the systems fit, before any of their rows is made.
     *
     * @throws MemoryLimitException if they do not
     */
    private void requireFittingSystems(StepPoint point) {
        MemoryEstimate at = point.memoryEstimate();
        long bytes = method.systemMemory(BlockShape.of(network), at);
        if (bytes > configuration.memoryLimit()) {
            throw new MemoryLimitException(String.format(
                    Locale.ROOT,
                    "The systems of the %s method for %d samples, whose Jacobian has %d rows, take %.3f MB, and the memory limit is "
                            + "%.3f MB; use smaller minibatches, a Monte-Carlo or empirical Fisher, K-FAC, or raise the limit",
                    configuration.methodName(),
                    point.samples(),
                    at.rows(),
                    bytes / 1e6,
                    configuration.memoryLimit() / 1e6));
        }
    }

    /**
     * The form for any gradient, which divides by ρ. The block-tri-diagonal F̂ may be indefinite, and has no such form.
     */
    @Override
    public Optional<UnaryOperator<INDArray>> inverse() {
        return observed && inUse.value() > 0 && Method.of(configuration) != Method.BLOCK_TRI_DIAGONAL
                ? Optional.of(gradient -> approximation.solve(gradient, inUse).vector())
                : Optional.empty();
    }

    /** The exact and the layer-wise direction from products with the true F, where rows or systems do not fit. */
    private Direction withoutRows(INDArray gradient, StepPoint point, Damping damping, MemoryLimitException reason) {
        List<List<ParameterBlock>> systems = method.independentSystems(network.blocks());
        if (systems.isEmpty()) {
            throw reason;
        }
        if (configuration.fisherType() != FisherType.TRUE
                || configuration.stepScaling() == StepScaling.ANALYTIC
                || damping.relative()
                || damping.value() == 0) {
            throw new MemoryLimitException(reason.getMessage()
                    + ". Conjugate gradients, which take less, need the true Fisher, a damping above zero that is not relative, "
                    + "and a scaling that is not analytic");
        }
        inUse = damping;
        Parameterization scaling = configuration.parameterization();
        SymmetricOperator fisher = point.fisher();
        SymmetricOperator scaled = SymmetricOperator.of(
                fisher.length(),
                fisher.dataType(),
                v -> network.scale(fisher.times(scaling.isStandard() ? v : network.scale(v.dup(), scaling)), scaling));
        ConjugateGradients solver =
                new ConjugateGradients(scaled, CONJUGATE_GRADIENT_TOLERANCE, CONJUGATE_GRADIENT_ITERATIONS);
        INDArray own = usesLogits(point) ? point.logitGradient() : gradient;
        return solver.solve(configuration.scaled(network, own), damping.value(), systems);
    }

    /**
     * From q where there is one and the linearisation is of the training that DL4J's gradient is of. Otherwise only the
     * form for any gradient is right.
     */
    @Override
    public boolean usesLogits(StepPoint point) {
        return configuration.fisherType() != FisherType.MONTE_CARLO && point.matchesTraining();
    }

    @Override
    public Damping dampingInUse() {
        return inUse;
    }

    @Override
    public double isotropyConstant(Direction direction) {
        return direction.substitute() ? isotropy.layerWise() : method.isotropyConstant(isotropy);
    }

    @Override
    public void stepMade() {}

    @Override
    public Undo begin() {
        return method.begin(approximation);
    }

    /** The next step observes its own minibatch. */
    @Override
    public void save(CheckpointState into) {}

    @Override
    public void restore(CheckpointState from) {}

    @Override
    public void close() {
        approximation.close();
    }
}
