package io.github.dl4jngd.ngd;

/**
 * The block-tri-diagonal natural gradient: F masked to neighbouring layers.
 *
 * <p>One LU factorisation of [L NC, L NC] a step. The masked matrix is indefinite from three layers on, so damping is
 * no regulariser: each solution is checked, and where it is no descent direction or too ill-conditioned the step is the
 * layer-wise one and the diagnostics say so. Isotropy constant ⌈L/3⌉.
 */
public final class BlockTriDiagonalNaturalGradient extends NaturalGradientConfiguration {

    /** As for the exact natural gradient: much less is right on a whole small data set. */
    public static final double DEFAULT_DAMPING = 1;

    static final String NAME = "block-tri-diagonal";

    private BlockTriDiagonalNaturalGradient(MinibatchBuilder<BlockTriDiagonalNaturalGradient> builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return true Fisher, damping {@value #DEFAULT_DAMPING}, measured step
     */
    public static BlockTriDiagonalNaturalGradient defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: true Fisher, damping {@value #DEFAULT_DAMPING}, measured step.
     *
     * @return the builder
     */
    public static MinibatchBuilder<BlockTriDiagonalNaturalGradient> builder() {
        return new MinibatchBuilder<>(BlockTriDiagonalNaturalGradient::new, DEFAULT_DAMPING);
    }

    @Override
    public String methodName() {
        return NAME;
    }
}
