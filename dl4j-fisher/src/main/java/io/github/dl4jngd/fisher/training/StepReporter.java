package io.github.dl4jngd.fisher.training;

import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.Optional;
import java.util.function.Consumer;

/** An updater with something in front, mostly a natural gradient, which others can ask what its last step did. */
public interface StepReporter {

    /**
     * The last step.
     *
     * @return its report, or empty before the first
     */
    Optional<StepReport> lastStep();

    /**
     * Whether the gradient is multiplied by a matrix before the updater gets it.
     *
     * @return false where it is regularised alone; true by default
     */
    default boolean isNaturalGradient() {
        return true;
    }

    /**
     * Whether steps are fitted to the curvature along them, each step's own or the mean of recent ones, and so become
     * shorter where that is large.
     *
     * @return true where a step goes to the minimum of a quadratic model; false by default
     */
    default boolean fitsSteps() {
        return false;
    }

    /**
     * Asks for what the next step multiplies the gradient by, before its own factor and the updater that follows: g ↦
     * (F̂ + ρI)⁻¹g in the standard coordinates, a matrix on all parameters that is zero for frozen ones.
     *
     * <p>Every observer is called once, within that step and on its thread, before anything of the model has changed,
     * and uses the matrix before it returns. It is not called where the step fails, or where its system can be solved
     * for its own gradient alone. What it throws makes the step fail.
     *
     * @param observer takes (F̂ + ρI)⁻¹
     */
    default void observeNextStep(Consumer<SymmetricOperator> observer) {}
}
