package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.ExactFisher;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.ngd.StepScaling;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * What the neural tangent kernel predicts: the same method on the network linearised at θ₀, where the direction is a
 * fixed linear function v(r) of the residual. On the training inputs f_{t+1} = f_t − η J v(f_t − y), on others f′_{t+1}
 * = f′_t − η J′ v(f_t − y). For the exact method J v = Θ(Θ + ρI)⁻¹ r and J′v = Θ′(Θ + ρI)⁻¹ r with the kernel Θ.
 */
final class Prediction {

    private final Problem problem;
    private final LinearAlgebra linearAlgebra;
    private final LinearizedNetwork network;
    private final Linearization train;
    private final Linearization test;
    private final LossModel lossModel;
    private final FisherRoot root;

    Prediction(Problem problem, LinearAlgebra linearAlgebra) {
        this.problem = problem;
        this.linearAlgebra = linearAlgebra;
        this.network = LinearizedNetwork.of(problem.network().build(new NoOp(), problem.initial()));
        this.train = network.at(problem.input());
        this.test = network.at(problem.testInput());
        this.lossModel = LossModel.halfSquaredError();
        this.root = root(problem.coordinates());
    }

    private FisherRoot root(Parameterization coordinates) {
        OutputMetric metric = lossModel.at(train.outputs());
        return train.fisherRoot(
                OutputRoot.of(FisherType.TRUE, metric, problem.labels(), 1, null), RootOptions.factored(coordinates));
    }

    /** λ_max of F = JᵀJ/N in the parameters themselves, H = I. */
    double lambdaMax() {
        ExactFisher exact = new ExactFisher(linearAlgebra);
        exact.observe(root(Parameterization.standard()));
        INDArray values = linearAlgebra.symmetricEigen(exact.gram()).values();
        return values.getDouble(values.length() - 1);
    }

    /** The unit-wise α that finite width has: the trace of the units' projectors over the number of rows. */
    double projectorTrace(io.github.dl4jngd.fisher.curvature.Damping damping) {
        try (UnitWiseFisher unitWise = new UnitWiseFisher(linearAlgebra)) {
            unitWise.observe(root);
            return unitWise.projectorTrace(damping);
        }
    }

    /**
     * The losses after 0, 1, … steps.
     *
     * @param plan the plan
     * @param firstStepSize η of the measured curve's first step; used for every step but where steps are measured
     */
    List<Losses> losses(Plan plan, double firstStepSize) {
        INDArray f = train.outputs().dup();
        INDArray fTest = test.outputs().dup();
        List<Losses> losses = new ArrayList<>();
        losses.add(problem.losses(f, fTest));
        for (int step = 0; step < plan.steps(); step++) {
            Move move = plan.method().isNatural() ? natural(plan, f, firstStepSize) : descent(f, firstStepSize);
            f.subi(train.jvp(move.direction()).muli(move.stepSize()));
            fTest.subi(test.jvp(move.direction()).muli(move.stepSize()));
            losses.add(problem.losses(f, fTest));
        }
        return losses;
    }

    /** The same network infinitely wide. */
    InfiniteWidth limit() {
        return new InfiniteWidth(problem, train.outputs(), test.outputs());
    }

    private record Move(INDArray direction, double stepSize) {}

    private Move natural(Plan plan, INDArray f, double firstStepSize) {
        OutputMetric metric = lossModel.at(f);
        INDArray q = metric.whitenedResidual(problem.labels()).transpose().dup('c');
        try (FisherApproximation approximation = plan.method().approximation(linearAlgebra)) {
            approximation.observe(
                    new FisherRoot(root.layers(), root.samples(), root.cotangents(), root.parameters(), q));
            Direction direction = approximation.naturalGradient(plan.damping());
            INDArray v = network.scale(direction.vector(), problem.coordinates());
            return new Move(
                    v,
                    plan.scaling() == StepScaling.MEASURED
                            ? plan.learningRate() * measuredStep(v, direction, metric)
                            : firstStepSize);
        }
    }

    /** ⟨g, v⟩/(⟨d, Hd⟩/N + ρ‖v‖²) with ⟨g, v⟩ = ⟨r, d⟩/N. */
    private double measuredStep(INDArray v, Direction direction, OutputMetric metric) {
        INDArray d = train.jvp(v);
        double slope = metric.residual(problem.labels()).mul(d).sumNumber().doubleValue();
        double curvature = d.mul(metric.times(d)).sumNumber().doubleValue();
        double quadratic = curvature + problem.samples() * direction.dampingQuadratic();
        return quadratic == 0 ? 1 : slope / quadratic;
    }

    /** Deeplearning4j's L2 has twice the gradient of the half squared error. */
    private Move descent(INDArray f, double rate) {
        INDArray gradient = train.vjp(f.sub(problem.labels())).muli(2.0 / problem.samples());
        return new Move(gradient, rate);
    }
}
