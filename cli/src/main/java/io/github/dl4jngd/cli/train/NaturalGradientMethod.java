package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.DoubleFunction;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A natural gradient in front of one of DL4J's updaters.
 *
 * @param damping ρ
 * @param configuration from ρ to the method's configuration
 */
record NaturalGradientMethod(
        String name,
        String description,
        double defaultLearningRate,
        DoubleFunction<? extends IUpdater> constructor,
        double damping,
        DoubleFunction<? extends NaturalGradientConfiguration> configuration,
        Optional<Limit> limit)
        implements TrainingMethod {

    @Override
    public IUpdater updater(double learningRate) {
        return constructor.apply(learningRate);
    }

    @Override
    public Attachment attach(TrainingModel network, int batchSize) {
        NaturalGradient attached = network.attach(configuration.apply(damping));
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

    NaturalGradientMethod withDamping(double value) {
        return new NaturalGradientMethod(
                name, description, defaultLearningRate, constructor, value, configuration, limit);
    }

    /** The natural gradient in front of Nesterov momentum, whatever was behind it. */
    @Override
    public NaturalGradientMethod withMomentum(double momentum) {
        return new NaturalGradientMethod(
                name, description, defaultLearningRate, new NesterovMomentum(momentum), damping, configuration, limit);
    }

    static Limit limit(int batchSize, int examples, String note) {
        return new Limit(OptionalInt.of(batchSize), OptionalInt.of(examples), note);
    }
}
