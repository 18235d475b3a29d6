package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.RegularizationRule;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoubleFunction;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A natural gradient in front of one of DL4J's updaters.
 *
 * @param damping ρ
 * @param scaling how the scaling is measured
 * @param options from ρ to the method's options
 */
record NaturalGradientMethod(
        String name,
        String description,
        double defaultLearningRate,
        DoubleFunction<? extends IUpdater> constructor,
        double damping,
        Scaling scaling,
        DoubleFunction<? extends NaturalGradientConfiguration.Builder<?>> options,
        Optional<Limit> limit)
        implements TrainingMethod {

    /**
     * How the scaling of the steps is measured; what is empty is the method's own.
     *
     * @param interval every how many steps
     * @param decay of the means that it is the ratio of
     */
    record Scaling(OptionalInt interval, OptionalDouble decay) {

        static final Scaling OF_THE_METHOD = new Scaling(OptionalInt.empty(), OptionalDouble.empty());
    }

    @Override
    public IUpdater updater(double learningRate) {
        return constructor.apply(learningRate);
    }

    @Override
    public Attachment attach(TrainingModel network, int batchSize) {
        NaturalGradient attached = network.attach(configuration());
        return new Attachment() {
            @Override
            public String description() {
                return attached.registration().forSamples(batchSize).toString();
            }

            @Override
            public void close() {
                attached.close();
            }
        };
    }

    NaturalGradientConfiguration configuration() {
        NaturalGradientConfiguration.Builder<?> builder = options.apply(damping);
        scaling.interval().ifPresent(builder::scalingInterval);
        scaling.decay().ifPresent(builder::scalingDecay);
        return builder.build();
    }

    NaturalGradientMethod withDamping(double value) {
        return new NaturalGradientMethod(
                name, description, defaultLearningRate, constructor, value, scaling, options, limit);
    }

    NaturalGradientMethod withScaling(Scaling measured) {
        return new NaturalGradientMethod(
                name, description, defaultLearningRate, constructor, damping, measured, options, limit);
    }

    /** The natural gradient in front of Nesterov momentum, whatever was behind it. */
    @Override
    public NaturalGradientMethod withMomentum(double momentum) {
        return new NaturalGradientMethod(
                name,
                description,
                defaultLearningRate,
                new NesterovMomentum(momentum),
                damping,
                scaling,
                options,
                limit);
    }

    /** The natural gradient of a regularised gradient. */
    NaturalGradientMethod regularized(String longerName, String longerDescription, RegularizationRule rule) {
        return new NaturalGradientMethod(
                longerName,
                longerDescription,
                defaultLearningRate,
                constructor,
                damping,
                scaling,
                rho -> options.apply(rho).gradientRegularization(rule),
                limit);
    }

    static Limit limit(int batchSize, int examples, String note) {
        return new Limit(OptionalInt.of(batchSize), OptionalInt.of(examples), note);
    }
}
