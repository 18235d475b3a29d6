package io.github.dl4jngd.ngd;

/**
 * How a step's gradient g = ∇L(θ), of its own minibatch, is regularised: it becomes s [(1 − w) g + w ∇L(θ + εg)].
 *
 * <p>ε is the rule's {@linkplain #ascent ascent}, w its {@linkplain #weight weight} and s its {@linkplain #sign sign}.
 * L is the mean data loss: L1 and L2 are added by Deeplearning4j afterwards, and are no part of ‖∇L‖.
 *
 * @see GradientRegularization
 */
public sealed interface RegularizationRule permits BackwardDifference, Flooding, ForwardDifference, Sam {

    /**
     * The ascent ε: the second gradient is that at θ + εg.
     *
     * @param gradientNorm ‖g‖, at least 0
     * @return ε; negative for a descent, and 0 where no second gradient is needed
     */
    double ascent(double gradientNorm);

    /**
     * The weight w of the second gradient.
     *
     * @return w; 1 takes that gradient alone
     */
    double weight();

    /**
     * The direction in which a step goes.
     *
     * @param loss L(θ), the mean data loss of the minibatch
     * @return 1 to descend, −1 to ascend
     */
    default double sign(double loss) {
        return 1;
    }
}
