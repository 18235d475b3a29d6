package io.github.dl4jngd.fisher.network;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The data loss of a minibatch as a model's own output layer computes it.
 *
 * @param sum Σ_n loss_n, without penalties
 * @param gradient ∂sum/∂f, [N, C]
 */
public record OutputLoss(double sum, INDArray gradient) {}
