package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.reference.StoredMethod;
import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.Method;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.StepScaling;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What makes a curve: a natural gradient whose isotropy constant at infinite width is known, or gradient descent. K-FAC
 * is taken by its definition, without averages and with the true Fisher.
 *
 * @param natural the method of a natural gradient, empty for gradient descent
 */
record Contender(Optional<Method> natural) {

    /** Full-batch gradient descent at 1/λ_max, for comparison. */
    static final Contender SGD = new Contender(Optional.empty());

    /** The isotropy constant α of the infinite-width limit for one output and ReLU. */
    private interface IsotropyConstant {
        double of(int layers, int width, int samples);
    }

    private static final Map<Method, IsotropyConstant> THEORY = Map.of(
            Method.EXACT, (layers, width, samples) -> 1,
            Method.LAYER_WISE, (layers, width, samples) -> layers,
            Method.BLOCK_TRI_DIAGONAL, (layers, width, samples) -> Math.ceil(layers / 3.0),
            Method.UNIT_WISE, (layers, width, samples) -> 0.5 * (layers - 1) * width + 1,
            Method.KFAC, (layers, width, samples) -> (double) (layers - 1) * Math.min(samples, width) + 1);

    private static final List<Contender> ALL = Stream.concat(
                    Arrays.stream(Method.values()).filter(THEORY::containsKey).map(Contender::of), Stream.of(SGD))
            .toList();

    static Contender of(Method method) {
        return new Contender(Optional.of(method));
    }

    /** The natural gradients in the order of their enumeration, and gradient descent. */
    static List<Contender> all() {
        return ALL;
    }

    static Optional<Contender> named(String name) {
        return ALL.stream()
                .filter(contender -> contender.toString().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    static List<String> names() {
        return ALL.stream().map(Contender::toString).toList();
    }

    boolean isNatural() {
        return natural.isPresent();
    }

    boolean is(Method method) {
        return natural.filter(method::equals).isPresent();
    }

    private Method method() {
        return natural.orElseThrow(() -> new IllegalStateException("gradient descent has no Fisher matrix"));
    }

    /** What a user would attach to a model. */
    NaturalGradientConfiguration configuration(Damping damping, StepScaling scaling, Parameterization coordinates) {
        NaturalGradientConfiguration.Builder<?> builder = method().builder();
        if (builder instanceof Kfac.Builder kfac) {
            kfac.fisherType(FisherType.TRUE)
                    .factorDecay(0)
                    .factorInterval(1)
                    .inverseInterval(1)
                    .scalingDecay(0)
                    .scalingInterval(1);
        }
        if (damping.relative()) {
            builder.relativeDamping(damping.value());
        } else {
            builder.damping(damping.value());
        }
        return builder.stepScaling(scaling).parameterization(coordinates).build();
    }

    /** The same matrix without a model, for the linear prediction. */
    FisherApproximation approximation(LinearAlgebra linearAlgebra) {
        return StoredMethod.of(method()).orElseThrow().definition().apply(linearAlgebra);
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
        return natural.map(method -> THEORY.get(method).of(layers, width, samples))
                .orElse(Double.NaN);
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return natural.map(Method::toString).orElse("sgd");
    }
}
