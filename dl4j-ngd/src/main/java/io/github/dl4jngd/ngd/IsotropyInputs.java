package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What the analytic isotropy constants depend on: a minibatch's J̃ and the rank of the output metric.
 *
 * <p>Source: Karakida &amp; Osawa, NeurIPS 2020, §4. Each constant is the trace of the sum of the blocks' projectors
 * over the N R rows that J̃ has in general, R the rank of H, with the ranks that the blocks have for generic inputs at
 * finite width.
 *
 * @param root J̃
 * @param outputRank R: C, or C − 1 for a softmax
 * @param outputTrainable whether the last of the root's layers is the network's output layer
 */
record IsotropyInputs(FisherRoot root, int outputRank, boolean outputTrainable) {

    /** What they are at a minibatch. */
    static IsotropyInputs of(FisherRoot root, LinearizedNetwork network, StepPoint point) {
        return new IsotropyInputs(root, point.outputRank(), network.isOutputTrainable());
    }

    int layers() {
        return root.layers().size();
    }

    private double rows() {
        return (double) root.samples() * outputRank;
    }

    private boolean isOutput(int layer) {
        return outputTrainable && layer == layers() - 1;
    }

    private DenseJacobian dense(int layer) {
        if (root.layers().get(layer) instanceof DenseJacobian dense) {
            return dense;
        }
        throw new NaturalGradientException("Layer "
                + root.layers().get(layer).name()
                + ": the analytic isotropy constant of this method is known for networks of dense layers; use "
                + "stepScaling(MEASURED)");
    }

    private double inputRank(int layer) {
        return Math.min(root.samples(), (double) dense(layer).inputs());
    }

    /** Σ_l rank Θ_l/(NR), with rank Θ_l = min(NR, P_l), and for the output layer R min(N, in(+1)). */
    double layerWise() {
        double alpha = 0;
        for (int l = 0; l < layers(); l++) {
            double rank = isOutput(l) && root.layers().get(l) instanceof DenseJacobian
                    ? outputRank * inputRank(l)
                    : Math.min(rows(), (double) root.layers().get(l).parameters());
            alpha += rank / rows();
        }
        return alpha;
    }

    /** n_u, [out]: at how many samples any δ̃ reaches each unit. */
    private INDArray samplesReached(int layer) {
        return Transforms.abs(dense(layer).cotangents(), true)
                .max(0)
                .gt(0)
                .castTo(DataType.DOUBLE)
                .sum(0);
    }

    /**
     * Σ_u rank F_u/(NR), with rank F_u = min(n_u, in(+1)): (active fraction)/R for a hidden unit of a wide
     * layer, C/R for the output layer as a whole.
     */
    double unitWise() {
        double rank = 0;
        for (int l = 0; l < layers(); l++) {
            rank += Transforms.min(samplesReached(l), (double) dense(l).inputs(), true)
                    .sumNumber()
                    .doubleValue();
        }
        return rank / rows();
    }

    /**
     * Σ_l rank A · rank G/(NR), with rank A = min(N, in(+1)) and rank G = min(NR, units reached), R for the output
     * layer.
     */
    double kroneckerFactored() {
        double alpha = 0;
        for (int l = 0; l < layers(); l++) {
            double outputFactorRank = isOutput(l)
                    ? outputRank
                    : Math.min(
                            rows(),
                            samplesReached(l)
                                    .gt(0)
                                    .castTo(DataType.DOUBLE)
                                    .sumNumber()
                                    .doubleValue());
            alpha += inputRank(l) * outputFactorRank / rows();
        }
        return alpha;
    }
}
