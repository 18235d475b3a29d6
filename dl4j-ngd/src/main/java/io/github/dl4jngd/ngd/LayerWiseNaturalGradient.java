package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.FisherType;
import io.github.dl4jngd.fisher.curvature.LayerWiseFisher;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.network.RowForm;

/**
 * The layer-wise (block-diagonal) natural gradient, v_l = (F_l + ρI)⁻¹ g_l for each layer.
 *
 * <p>One Cholesky factorisation of [NC, NC] per layer and step. Isotropy constant L while NC does not exceed a layer's
 * parameters.
 */
public final class LayerWiseNaturalGradient extends NaturalGradientConfiguration {

    private LayerWiseNaturalGradient(Builder builder) {
        super(builder);
    }

    /**
     * The configuration with default options.
     *
     * @return a configuration with default options
     */
    public static LayerWiseNaturalGradient defaults() {
        return builder().build();
    }

    /**
     * A builder with the defaults: true Fisher, damping {@value Builder#DEFAULT_DAMPING}, measured
     * step.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String methodName() {
        return "layer-wise";
    }

    @Override
    FisherApproximation newApproximation(LinearAlgebra linearAlgebra) {
        return new LayerWiseFisher(linearAlgebra);
    }

    @Override
    double isotropyConstant(IsotropyInputs inputs) {
        return inputs.layerWise();
    }

    @Override
    long blockMemory(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
        return Memory.capturedRows(block, samples, cotangents, bytesPerNumber) + Memory.gram(samples * cotangents, 1);
    }

    @Override
    long sharedMemory(int layers, long rows) {
        // one factorisation at a time
        return Memory.gram(rows, 2);
    }

    @Override
    String blockDescription(RowForm form) {
        return "layer";
    }

    /** Builds a {@link LayerWiseNaturalGradient}. */
    public static final class Builder extends NaturalGradientConfiguration.Builder<Builder> {

        /**
         * Suits minibatches of a classifier: with little damping one step fits its own minibatch completely, far
         * outside the range in which the linearisation holds. On a whole small data set much less is right.
         */
        public static final double DEFAULT_DAMPING = 1;

        private Builder() {
            super(FisherType.TRUE, DEFAULT_DAMPING);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if options contradict each other
         */
        public LayerWiseNaturalGradient build() {
            checkDamping();
            return new LayerWiseNaturalGradient(this);
        }
    }
}
