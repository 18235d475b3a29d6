package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one minibatch's outputs are compared with.
 *
 * @param loss the loss, with the weights of the minibatch's mask, and given its labels where the metric depends on them
 * @param labels y as a matrix of the outputs' shape, [N, C·P]
 * @param weights the mask's weights, likewise; null for ones
 */
public record Targets(LossModel loss, INDArray labels, @Nullable INDArray weights) {}
