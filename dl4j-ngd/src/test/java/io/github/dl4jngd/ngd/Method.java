package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.FisherType;
import java.util.function.Consumer;

/** The five methods by their definitions: true Fisher, K-FAC without averages and with every step's own factors. */
enum Method {
    EXACT,
    LAYER_WISE,
    BLOCK_TRI_DIAGONAL,
    UNIT_WISE,
    KFAC;

    NaturalGradientConfiguration with(Consumer<NaturalGradientConfiguration.Builder<?>> options) {
        return switch (this) {
            case EXACT -> {
                var builder = ExactNaturalGradient.builder();
                options.accept(builder);
                yield builder.build();
            }
            case LAYER_WISE -> {
                var builder = LayerWiseNaturalGradient.builder();
                options.accept(builder);
                yield builder.build();
            }
            case BLOCK_TRI_DIAGONAL -> {
                var builder = BlockTriDiagonalNaturalGradient.builder();
                options.accept(builder);
                yield builder.build();
            }
            case UNIT_WISE -> {
                var builder = UnitWiseNaturalGradient.builder();
                options.accept(builder);
                yield builder.build();
            }
            case KFAC -> {
                var builder = Kfac.builder()
                        .factorDecay(0)
                        .factorInterval(1)
                        .inverseInterval(1)
                        .fisherType(FisherType.TRUE);
                options.accept(builder);
                yield builder.build();
            }
        };
    }

    NaturalGradientConfiguration damped(double rho) {
        return with(builder -> builder.damping(rho));
    }

    /** (F̂ + ρI)⁻¹g alone, unscaled. */
    NaturalGradientConfiguration plain(double rho) {
        return with(builder -> builder.damping(rho).stepScaling(StepScaling.NONE));
    }
}
