package io.github.dl4jngd.spectral.theory;

import java.util.List;

/**
 * What mean-field theory predicts of the Fisher information matrix with H = I of a random network with linear outputs.
 *
 * @param widths M_0 … M_L
 * @param biases whether layers have biases
 * @param samples T
 * @param variances q¹ … q^{L−1}, of pre-activations
 * @param covariances q_st¹ … q_st^{L−1}, of pre-activations for two samples
 * @param squares q̂⁰ … q̂^{L−1}, of activations
 * @param overlaps q̂_st⁰ … q̂_st^{L−1}
 * @param slopes q̃¹ … q̃^L, of back-propagated derivatives
 * @param slopeOverlaps q̃_st¹ … q̃_st^L
 */
public record MeanFieldSpectrum(
        List<Long> widths,
        boolean biases,
        long samples,
        List<Double> variances,
        List<Double> covariances,
        List<Double> squares,
        List<Double> overlaps,
        List<Double> slopes,
        List<Double> slopeOverlaps) {

    /**
     * Copies the lists.
     *
     * @param widths M_0 … M_L
     * @param biases whether layers have biases
     * @param samples T
     * @param variances q
     * @param covariances q_st
     * @param squares q̂
     * @param overlaps q̂_st
     * @param slopes q̃
     * @param slopeOverlaps q̃_st
     */
    public MeanFieldSpectrum {
        widths = List.copyOf(widths);
        variances = List.copyOf(variances);
        covariances = List.copyOf(covariances);
        squares = List.copyOf(squares);
        overlaps = List.copyOf(overlaps);
        slopes = List.copyOf(slopes);
        slopeOverlaps = List.copyOf(slopeOverlaps);
    }

    private int layers() {
        return widths.size() - 1;
    }

    /**
     * The number of outputs.
     *
     * @return C = M_L
     */
    public long outputs() {
        return widths.get(layers());
    }

    /** Σ_l (M_{l−1} q̂^{l−1} + 1) q̃^l: a diagonal entry of the kernel JJᵀ. */
    private double diagonal() {
        return sum(squares, slopes);
    }

    /** Σ_l (M_{l−1} q̂_st^{l−1} + 1) q̃_st^l: an entry of the kernel JJᵀ for two samples. */
    private double offDiagonal() {
        return sum(overlaps, slopeOverlaps);
    }

    private double sum(List<Double> forward, List<Double> backward) {
        double sum = 0;
        for (int l = 1; l <= layers(); l++) {
            sum += (widths.get(l - 1) * forward.get(l - 1) + (biases ? 1 : 0)) * backward.get(l - 1);
        }
        return sum;
    }

    /**
     * The mean of the C outliers; λ_max itself for C = 1. For C &gt; 1 the largest lies some 4–10 % above at widths of
     * several hundred.
     *
     * @return Σ_l (M_{l−1} q̂_st^{l−1} + 1) q̃_st^l (T−1)/T + (M_{l−1} q̂^{l−1} + 1) q̃^l/T
     */
    public double largestEigenvalue() {
        double t = samples;
        return offDiagonal() * (t - 1) / t + diagonal() / t;
    }

    /**
     * The largest learning rate with which gradient descent on half the squared error converges near a minimum.
     *
     * @return 2/λ_max
     */
    public double learningRateBound() {
        return 2 / largestEigenvalue();
    }

    /**
     * The trace that theory predicts.
     *
     * @return C Σ_l (M_{l−1} q̂^{l−1} + 1) q̃^l
     */
    public double trace() {
        return outputs() * diagonal();
    }

    /**
     * The number of parameters.
     *
     * @return P
     */
    public long parameters() {
        long p = 0;
        for (int l = 1; l <= layers(); l++) {
            p += (widths.get(l - 1) + (biases ? 1 : 0)) * widths.get(l);
        }
        return p;
    }

    /**
     * The mean of all P eigenvalues.
     *
     * @return tr F/P
     */
    public double meanEigenvalue() {
        return trace() / parameters();
    }

    /**
     * The mean square of all P eigenvalues, from the kernel's entries.
     *
     * @return tr F²/P = C (diagonal² + (T−1) offDiagonal²)/(T P)
     */
    public double secondMoment() {
        double t = samples;
        double d = diagonal();
        double o = offDiagonal();
        return outputs() * (d * d + (t - 1) * o * o) / (t * parameters());
    }

    /**
     * κ₁: the kernel's diagonal per weight and hidden layer.
     *
     * @return diagonal/((L − 1) M), M the mean width of the layers that feed others
     */
    public double kappa1() {
        return diagonal() / scale();
    }

    /**
     * κ₂: the same for two samples.
     *
     * @return offDiagonal/((L − 1) M)
     */
    public double kappa2() {
        return offDiagonal() / scale();
    }

    /** (L − 1) M, which κ₁ and κ₂ are relative to. */
    private double scale() {
        return (layers() - 1) * meanWidth();
    }

    private double meanWidth() {
        return widths.subList(1, layers()).stream()
                .mapToLong(Long::longValue)
                .average()
                .orElse(widths.get(0));
    }

    /**
     * The leading term of the lower bound on λ_max where the last layer subtracts the batch mean (Karakida, Akaho &amp;
     * Amari, NeurIPS 2019).
     *
     * @return (M/T)(L−1)(κ₁−κ₂)
     */
    public double meanSubtractedLowerBound() {
        return scale() * (kappa1() - kappa2()) / samples;
    }

    /**
     * The leading term of the upper bound, of order √M where T grows with M.
     *
     * @return √(C (L−1)² (M/T) (κ₁−κ₂)² M)
     */
    public double meanSubtractedUpperBound() {
        double m = meanWidth();
        return (layers() - 1) * (kappa1() - kappa2()) * Math.sqrt(outputs() * m / samples * m);
    }
}
