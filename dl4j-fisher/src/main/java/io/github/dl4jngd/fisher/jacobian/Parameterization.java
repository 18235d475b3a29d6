package io.github.dl4jngd.fisher.jacobian;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The coordinates in which a natural gradient is taken.
 *
 * <p>The standard ones are the weights and biases themselves. In the NTK parameterisation W = σ_w/√M_in ω, b = σ_b β
 * the coordinates are ω and β; with squared scales s (σ_w²/M_in and σ_b²) the Jacobian with respect to them is J
 * diag(√s), and a direction v_ω becomes v_θ = √s ∘ v_ω. This changes the exact natural gradient always, the other
 * methods only through damping and biases. Source: Karakida &amp; Osawa, NeurIPS 2020, §2.
 *
 * @param weightVariance σ_w², or NaN for the standard parameterisation
 * @param biasVariance σ_b², or NaN for the standard parameterisation
 */
public record Parameterization(double weightVariance, double biasVariance) {

    private static final Parameterization STANDARD = new Parameterization(Double.NaN, Double.NaN);

    /**
     * Checks the variances.
     *
     * @param weightVariance σ_w²
     * @param biasVariance σ_b²
     */
    public Parameterization {
        boolean standard = Double.isNaN(weightVariance) && Double.isNaN(biasVariance);
        if (!standard && !(weightVariance > 0 && biasVariance >= 0)) {
            throw new IllegalArgumentException(
                    "The NTK parameterisation needs a weight variance above zero and a bias variance of "
                            + "at least zero, got " + weightVariance + " and " + biasVariance);
        }
    }

    /**
     * Weights and biases themselves.
     *
     * @return the standard parameterisation
     */
    public static Parameterization standard() {
        return STANDARD;
    }

    /**
     * W = σ_w/√M_in ω, b = σ_b β.
     *
     * @param weightVariance σ_w², positive
     * @param biasVariance σ_b², not negative; 0 keeps biases fixed
     * @return the NTK parameterisation
     */
    public static Parameterization ntk(double weightVariance, double biasVariance) {
        if (Double.isNaN(weightVariance) || Double.isNaN(biasVariance)) {
            throw new IllegalArgumentException("The variances of the NTK parameterisation must be numbers");
        }
        return new Parameterization(weightVariance, biasVariance);
    }

    /**
     * Whether coordinates are the parameters themselves.
     *
     * @return true for {@link #standard()}
     */
    public boolean isStandard() {
        return Double.isNaN(weightVariance);
    }

    /**
     * The squared scale of a layer's weights.
     *
     * @param inputs M_in
     * @return s_W = σ_w²/M_in, or 1
     */
    public double weightScale(long inputs) {
        return isStandard() ? 1 : weightVariance / inputs;
    }

    /**
     * The squared scale of biases.
     *
     * @return s_b = σ_b², or 1
     */
    public double biasScale() {
        return isStandard() ? 1 : biasVariance;
    }

    /**
     * What the parameters of a block are multiplied by.
     *
     * @param block the block
     * @return √s for each row of its matrix; null where all are 1
     */
    public double @Nullable [] rootScales(ParameterBlock block) {
        if (isStandard() || !block.hasWeights()) {
            return null;
        }
        double[] scales = new double[Math.toIntExact(block.inputs())];
        Arrays.fill(scales, Math.sqrt(weightScale(block.weightInputs())));
        if (block.hasBias()) {
            scales[scales.length - 1] = Math.sqrt(biasScale());
        }
        return scales;
    }

    @Override
    public String toString() {
        return isStandard() ? "standard" : "NTK (σ_w² = " + weightVariance + ", σ_b² = " + biasVariance + ")";
    }
}
