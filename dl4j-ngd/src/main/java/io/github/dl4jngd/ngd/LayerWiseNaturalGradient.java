package io.github.dl4jngd.ngd;

/**
 * The layer-wise (block-diagonal) natural gradient, v_l = (F_l + ρI)⁻¹ g_l for each layer.
 *
 * <p>One Cholesky factorisation of [NC, NC] per layer and step. Isotropy constant L while NC does not exceed a layer's
 * parameters.
 */
public final class LayerWiseNaturalGradient extends NaturalGradientConfiguration {

    /** As for the exact natural gradient: much less is right on a whole small data set. */
    public static final double DEFAULT_DAMPING = 1;

    static final String NAME = "layer-wise";

    private LayerWiseNaturalGradient(MinibatchBuilder<LayerWiseNaturalGradient> builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return true Fisher, damping {@value #DEFAULT_DAMPING}, measured step
     */
    public static LayerWiseNaturalGradient defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: true Fisher, damping {@value #DEFAULT_DAMPING}, measured step.
     *
     * @return the builder
     */
    public static MinibatchBuilder<LayerWiseNaturalGradient> builder() {
        return new MinibatchBuilder<>(LayerWiseNaturalGradient::new, DEFAULT_DAMPING);
    }

    @Override
    public String methodName() {
        return NAME;
    }
}
