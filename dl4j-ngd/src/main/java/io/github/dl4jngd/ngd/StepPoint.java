package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A step's minibatch and the network at it, wherever the samples lie. */
interface StepPoint {

    /** The first axis of the inputs: N. */
    long batchSize();

    /** N; 0 where it was not linearised. */
    int samples();

    /** The mean data loss before the step; NaN where it was not linearised. */
    double loss();

    /** Whether anything is known of the network at the minibatch beside the gradient. */
    boolean isLinearized();

    /**
     * Runs the network forward.
     *
     * @throws IllegalArgumentException if the labels do not fit the outputs or the loss
     */
    void linearize();

    /** Whether g is known as a vector, and not in part by its rows alone. */
    boolean hasWholeGradient();

    /** Whether the gradient at hand is that of what is linearised, its noise included. */
    boolean matchesTraining();

    /** Whether {@link #gradientRows} has an answer. */
    boolean hasRows();

    /** The gradient's rows ã and δ: the residual sent back. */
    List<LayerJacobian> gradientRows();

    /** What the rows of J̃ take. */
    MemoryEstimate memoryEstimate();

    /** The rank of the output metric of one sample, for generic outputs. */
    int outputRank();

    /**
     * J̃, one row a sample and column of S.
     *
     * @throws MemoryLimitException if its rows have to be formed and do not fit, or lie in several places
     */
    FisherRoot fisherRoot(Random random);

    /** J̃ as Kronecker factors need it: nothing is formed that they can be summed without. */
    FisherRoot factoredFisherRoot(Random random);

    /** Lets averaged factors observe the minibatch. */
    void observe(KroneckerFisher factors, Random random);

    /** F by its products. */
    SymmetricOperator fisher();

    /** Jᵀr/N, from the logits, [P]. */
    INDArray logitGradient();

    /**
     * The loss along a direction.
     *
     * @param gradient g as the step has it
     * @param v the direction in the standard coordinates
     * @param direction it and what its solution took
     * @param fromLogits whether the direction was made from the logits
     */
    QuadraticModel quadratic(INDArray gradient, INDArray v, Direction direction, boolean fromLogits);
}
