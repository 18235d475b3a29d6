package io.github.dl4jngd.examples;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The Fisher information matrix of a softmax classifier by its definition, from Deeplearning4j's own gradients. */
final class ExplicitFisher {

    private ExplicitFisher() {}

    /**
     * The eigenvalues of (1/N) Σ_n Σ_k p_nk ∇log p_nk (∇log p_nk)ᵀ that can differ from zero, largest first; those of
     * its dual matrix.
     */
    static double[] eigenvalues(MultiLayerNetwork net, INDArray features) {
        INDArray probabilities = net.output(features).dup();
        int samples = (int) probabilities.size(0);
        int classes = (int) probabilities.size(1);
        SimpleMatrix rows = new SimpleMatrix(samples * classes, (int) net.numParams());
        for (int n = 0; n < samples; n++) {
            net.setInput(features.getRow(n, true));
            for (int k = 0; k < classes; k++) {
                INDArray label = Nd4j.zeros(1, classes);
                label.putScalar(0, k, 1);
                net.setLabels(label);
                net.computeGradientAndScore();
                double weight = Math.sqrt(probabilities.getDouble(n, k) / samples);
                double[] gradient = net.getFlattenedGradients().toDoubleVector();
                for (int p = 0; p < gradient.length; p++) {
                    rows.set(n * classes + k, p, weight * gradient[p]);
                }
            }
        }
        return rows.mult(rows.transpose()).eig().getEigenvalues().stream()
                .mapToDouble(value -> -value.getReal())
                .sorted()
                .map(value -> -value)
                .toArray();
    }
}
