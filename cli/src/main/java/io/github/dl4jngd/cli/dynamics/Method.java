package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.fisher.curvature.BlockTriDiagonalFisher;
import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.ExactFisher;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.LayerWiseFisher;
import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.ngd.BlockTriDiagonalNaturalGradient;
import io.github.dl4jngd.ngd.ExactNaturalGradient;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.LayerWiseNaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.StepScaling;
import io.github.dl4jngd.ngd.UnitWiseNaturalGradient;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The methods whose dynamics are shown; K-FAC by its definition, without averages and with the true Fisher. */
enum Method {
    EXACT,
    LAYER_WISE,
    BLOCK_TRI_DIAGONAL,
    UNIT_WISE,
    KFAC,
    /** Full-batch gradient descent at 1/λ_max, for comparison. */
    SGD;

    static Optional<Method> named(String name) {
        return Arrays.stream(values())
                .filter(method -> method.toString().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(Method::toString).toList();
    }

    /** The name in reference files, empty for methods that are not in them. */
    String keyInFiles() {
        return switch (this) {
            case EXACT -> "exact";
            case LAYER_WISE -> "block_diagonal";
            case BLOCK_TRI_DIAGONAL -> "block_tri_diagonal";
            case KFAC -> "kfac";
            case UNIT_WISE, SGD -> "";
        };
    }

    boolean isNatural() {
        return this != SGD;
    }

    /** What a user would attach to a model. */
    NaturalGradientConfiguration configuration(Damping damping, StepScaling scaling, Parameterization coordinates) {
        return switch (this) {
            case EXACT ->
                common(ExactNaturalGradient.builder(), damping, scaling, coordinates)
                        .build();
            case LAYER_WISE ->
                common(LayerWiseNaturalGradient.builder(), damping, scaling, coordinates)
                        .build();
            case BLOCK_TRI_DIAGONAL ->
                common(BlockTriDiagonalNaturalGradient.builder(), damping, scaling, coordinates)
                        .build();
            case UNIT_WISE ->
                common(UnitWiseNaturalGradient.builder(), damping, scaling, coordinates)
                        .build();
            case KFAC ->
                common(Kfac.builder(), damping, scaling, coordinates)
                        .fisherType(FisherType.TRUE)
                        .factorDecay(0)
                        .factorInterval(1)
                        .inverseInterval(1)
                        .build();
            case SGD -> throw new IllegalStateException("gradient descent has no natural gradient");
        };
    }

    private static <B extends NaturalGradientConfiguration.Builder<B>> B common(
            B builder, Damping damping, StepScaling scaling, Parameterization coordinates) {
        B damped = damping.relative() ? builder.relativeDamping(damping.value()) : builder.damping(damping.value());
        return damped.stepScaling(scaling).parameterization(coordinates);
    }

    /** The same matrix without a model, for the linear prediction. */
    FisherApproximation approximation(LinearAlgebra linearAlgebra) {
        return switch (this) {
            case EXACT -> new ExactFisher(linearAlgebra);
            case LAYER_WISE -> new LayerWiseFisher(linearAlgebra);
            case BLOCK_TRI_DIAGONAL -> new BlockTriDiagonalFisher(linearAlgebra);
            case UNIT_WISE -> new UnitWiseFisher(linearAlgebra);
            case KFAC -> new KroneckerFisher(linearAlgebra, KroneckerFisher.Options.exact());
            case SGD -> throw new IllegalStateException("gradient descent has no Fisher matrix");
        };
    }

    /**
     * The isotropy constant α of the infinite-width limit for one output and ReLU.
     *
     * @param layers L
     * @param width of the hidden layers
     * @param samples N
     * @return α, or NaN for gradient descent
     */
    double isotropyConstant(int layers, int width, int samples) {
        return switch (this) {
            case EXACT -> 1;
            case LAYER_WISE -> layers;
            case BLOCK_TRI_DIAGONAL -> Math.ceil(layers / 3.0);
            case UNIT_WISE -> 0.5 * (layers - 1) * width + 1;
            case KFAC -> (double) (layers - 1) * Math.min(samples, width) + 1;
            case SGD -> Double.NaN;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
