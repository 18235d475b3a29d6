package io.github.dl4jngd.spectral.theory;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The neural tangent kernel Θ(x, x′) = Σ_parameters s ∂f/∂θ(x) ∂f/∂θ(x′) of one output of an infinitely wide fully
 * connected network of any depth.
 *
 * <p>Σ⁰ = x·x′/M₀, Σ^l = σ_w² Σ̂^{l−1} + σ_b², Σ̂^l = E φ(u)φ(v), and Θ = Σ_l A^{l−1} Π_{m ≥ l} σ_w² E φ′φ′ over the
 * layers above. In the NTK parameterisation A^{l−1} = σ_w² Σ̂^{l−1} + σ_b², in the standard one M_{l−1} Σ̂^{l−1} + 1 (1
 * for the bias). Different outputs are uncorrelated. Cost: O(L) closed-form moments for each pair of samples. Source:
 * Jacot, Gabriel &amp; Hongler, NeurIPS 2018; Lee et al., NeurIPS 2019.
 *
 * @param theory activation, widths, variances and biases
 * @param scaled whether in the NTK parameterisation, else in the standard one
 */
public record TangentKernel(MeanField theory, boolean scaled) {

    /**
     * The kernel between two sets of samples.
     *
     * @param left [S, M₀]
     * @param right [T, M₀]
     * @return Θ, [S, T], float64
     */
    public INDArray between(INDArray left, INDArray right) {
        INDArray x = left.castTo(DataType.DOUBLE);
        INDArray y = right.castTo(DataType.DOUBLE);
        long inputs = theory.widths().get(0);
        if (x.size(1) != inputs || y.size(1) != inputs) {
            throw new IllegalArgumentException(
                    "The theory is of a network with " + inputs + " inputs, got " + x.size(1) + " and " + y.size(1));
        }
        double[][] products = x.mmul(y.transpose()).div(inputs).toDoubleMatrix();
        double[] leftSquares = x.mul(x).sum(1).div(inputs).toDoubleVector();
        double[] rightSquares = y.mul(y).sum(1).div(inputs).toDoubleVector();
        double[][] kernel = new double[products.length][rightSquares.length];
        for (int i = 0; i < leftSquares.length; i++) {
            for (int j = 0; j < rightSquares.length; j++) {
                kernel[i][j] = entry(leftSquares[i], rightSquares[j], products[i][j]);
            }
        }
        return Nd4j.createFromArray(kernel);
    }

    /**
     * The kernel of a set of samples with itself.
     *
     * @param inputs [T, M₀]
     * @return Θ, [T, T], float64
     */
    public INDArray of(INDArray inputs) {
        return between(inputs, inputs);
    }

    /**
     * The kernel of two samples on the sphere |x|² = M₀.
     *
     * @param correlation t = x·x′/M₀, which is clipped to [−1, 1]
     * @return Θ
     */
    public double ofCorrelation(double correlation) {
        return entry(1, 1, Math.max(-1, Math.min(1, correlation)));
    }

    /** Θ for two samples with mean squares and mean product of their inputs. */
    private double entry(double firstSquare, double secondSquare, double product) {
        List<Double> weights = theory.weightVariances();
        List<Double> biases = theory.biasVariances();
        GaussianMoments moments = theory.activation();
        double first = firstSquare;
        double second = secondSquare;
        double overlap = product;
        double slope = 0;
        double kernel = 0;
        for (int l = 1; l < theory.widths().size(); l++) {
            double weight = weights.get(l - 1);
            double bias = biases.get(l - 1);
            double own =
                    scaled ? weight * overlap + bias : theory.widths().get(l - 1) * overlap + (theory.biases() ? 1 : 0);
            // what lies below reaches this layer through its weights and the slopes between
            kernel = own + weight * slope * kernel;
            if (l + 1 < theory.widths().size()) {
                double u = weight * first + bias;
                double v = weight * second + bias;
                double c = weight * overlap + bias;
                slope = moments.slopeProduct(u, v, c);
                first = moments.square(u);
                second = moments.square(v);
                overlap = moments.product(u, v, c);
            }
        }
        return kernel;
    }
}
