package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.DenseJacobian;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.LayerJacobian;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What the analytic isotropy constants depend on: a minibatch's J̃ and the rank of the output metric.
 *
 * <p>Source: Karakida &amp; Osawa, NeurIPS 2020, §4, with the exact ranks at finite width.
 *
 * @param root J̃
 * @param outputRank C, or C − 1 for a softmax
 */
record IsotropyInputs(FisherRoot root, int outputRank) {

    int layers() {
        return root.layers().size();
    }

    private double rows() {
        return (double) root.samples() * outputRank;
    }

    /** Σ_l rank Θ_l/(NC), with rank Θ_l = min(NC, P_l), and for the output layer C min(N, in(+1)). */
    double layerWise() {
        double alpha = 0;
        for (int l = 0; l < layers(); l++) {
            LayerJacobian layer = root.layers().get(l);
            double rank = Math.min(rows(), (double) layer.parameters());
            if (l == layers() - 1 && layer instanceof DenseJacobian dense) {
                rank = (double) outputRank * Math.min(root.samples(), dense.inputs());
            }
            alpha += rank / rows();
        }
        return alpha;
    }

    /** Σ_{hidden units} (active fraction)/C + 1, a unit being active at a sample where any δ̃ reaches it. */
    double unitWise() {
        double active = 0;
        for (int l = 0; l < layers() - 1; l++) {
            DenseJacobian layer = (DenseJacobian) root.layers().get(l);
            INDArray largest = Transforms.abs(layer.cotangents(), true).max(0);
            active += largest.gt(0).castTo(DataType.DOUBLE).sumNumber().doubleValue() / root.samples();
        }
        return active / outputRank + 1;
    }

    /** Σ_{hidden layers} min(N, M_l/C) + 1. */
    double kroneckerFactored() {
        double alpha = 1;
        for (int l = 0; l < layers() - 1; l++) {
            DenseJacobian layer = (DenseJacobian) root.layers().get(l);
            alpha += Math.min(root.samples(), (double) layer.outputs() / outputRank);
        }
        return alpha;
    }
}
