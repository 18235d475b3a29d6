package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.ngd.GradientRegularization;
import io.github.dl4jngd.ngd.RegularizationRule;
import java.util.Optional;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * One of DL4J's own updaters on a regularised gradient.
 *
 * @param plain the updater on the raw gradient
 * @param name its name and that of the rule
 * @param rule how gradients are regularised
 */
record RegularizedMethod(TrainingMethod plain, String name, RegularizationRule rule) implements TrainingMethod {

    /** A method with a regularised gradient; a natural gradient is then that of the regularised one. */
    static TrainingMethod of(TrainingMethod method, String suffix, RegularizationRule rule) {
        String name = method.name() + "-" + suffix;
        return method instanceof NaturalGradientMethod natural
                ? natural.regularized(name, natural.description() + ", " + rule, rule)
                : new RegularizedMethod(method, name, rule);
    }

    @Override
    public String description() {
        return plain.description() + ", " + rule;
    }

    @Override
    public double defaultLearningRate() {
        return plain.defaultLearningRate();
    }

    @Override
    public IUpdater updater(double learningRate) {
        return plain.updater(learningRate);
    }

    @Override
    public Attachment attach(TrainingModel network, int batchSize) {
        GradientRegularization attached = network.regularize(rule);
        return new Attachment() {
            @Override
            public String description() {
                return name + ": " + rule;
            }

            @Override
            public void close() {
                attached.close();
            }
        };
    }

    @Override
    public Optional<Limit> limit() {
        return plain.limit();
    }
}
