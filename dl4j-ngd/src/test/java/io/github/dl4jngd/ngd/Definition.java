package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.loss.FisherType;
import java.util.function.Consumer;

/** The methods by their definitions: true Fisher, K-FAC without averages and with every step's own factors. */
final class Definition {

    private Definition() {}

    static NaturalGradientConfiguration with(Method method, Consumer<NaturalGradientConfiguration.Builder<?>> options) {
        NaturalGradientConfiguration.Builder<?> builder = method.builder();
        if (builder instanceof KroneckerConfiguration.Builder<?> factored) {
            factored.factorDecay(0)
                    .factorInterval(1)
                    .inverseInterval(1)
                    .scalingDecay(0)
                    .scalingInterval(1)
                    .fisherType(FisherType.TRUE);
        }
        options.accept(builder);
        return builder.build();
    }

    static NaturalGradientConfiguration damped(Method method, double rho) {
        return with(method, builder -> builder.damping(rho));
    }

    /** (F̂ + ρI)⁻¹g alone, unscaled. */
    static NaturalGradientConfiguration plain(Method method, double rho) {
        return with(method, builder -> builder.damping(rho).stepScaling(StepScaling.NONE));
    }
}
