package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What one minibatch's outputs are compared with.
 *
 * @param loss the loss, with the weights of the minibatch's mask, and given its labels where the metric depends on them
 * @param labels y as a matrix of the outputs' shape, [N, C·P]; those of several output layers side by side
 * @param weights the mask's weights, likewise; null for ones
 */
public record Targets(LossModel loss, INDArray labels, @Nullable INDArray weights) {

    /** Those of several output layers as one, with the sum of their losses. */
    static Targets sideBySide(List<Targets> parts) {
        long samples = parts.get(0).labels.size(0);
        for (Targets part : parts) {
            if (part.labels.size(0) != samples) {
                throw new IllegalArgumentException("The labels of one output are of " + samples
                        + " samples, those of another of " + part.labels.size(0));
            }
        }
        LossModel sum = LossModel.sum(
                parts.stream().map(Targets::loss).toList(),
                parts.stream().mapToLong(part -> part.labels.size(1)).toArray());
        INDArray labels = Nd4j.concat(1, parts.stream().map(Targets::labels).toArray(INDArray[]::new));
        boolean weighted = parts.stream().anyMatch(part -> part.weights != null);
        return new Targets(
                sum,
                labels,
                weighted
                        ? Nd4j.concat(
                                1, parts.stream().map(Targets::weightsOrOnes).toArray(INDArray[]::new))
                        : null);
    }

    private INDArray weightsOrOnes() {
        return weights == null ? Nd4j.onesLike(labels) : weights;
    }
}
