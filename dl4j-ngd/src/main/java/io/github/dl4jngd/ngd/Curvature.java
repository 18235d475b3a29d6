package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a step knows of F̂, and the direction (F̂ + ρ)⁻¹g that it makes of it. */
interface Curvature extends StepPart, AutoCloseable {

    /** Whether this step needs the network linearised at its minibatch. */
    boolean observes();

    /**
     * The unscaled direction in the parameterisation's coordinates; the minibatch is observed first where that is due.
     *
     * @param gradient g of the mean loss, [P], in the standard coordinates; not modified
     * @param point the minibatch
     * @param damping ρ now in force
     */
    Direction solve(INDArray gradient, StepPoint point, Damping damping);

    /**
     * The same map for other gradients, with what the last direction was made with: from g, which it does not modify,
     * to (F̂ + ρ)⁻¹g, both in the parameterisation's coordinates. It changes nothing and is used within the step. Empty
     * where only that one direction could be made.
     */
    Optional<UnaryOperator<INDArray>> inverse();

    /** Whether that direction is made from the logits at the minibatch, and so not from DL4J's gradient. */
    boolean usesLogits(StepPoint point);

    /** Whether a block's direction is made from its rows at the minibatch alone, and its part of g is not looked at. */
    default boolean solvesFromRows(ParameterBlock block, StepPoint point) {
        return false;
    }

    /** Whether this step's direction comes from inverses that are kept, and not from those of the step before. */
    default boolean renewsInverses(Damping damping) {
        return false;
    }

    /** ρ of the factorisations that the last direction was made with. */
    Damping dampingInUse();

    /**
     * The analytic isotropy constant α at the minibatch observed last.
     *
     * @param direction the direction, which may be of a substitute for the method
     */
    double isotropyConstant(Direction direction);

    /** The step was made. */
    void stepMade();

    @Override
    void close();
}
