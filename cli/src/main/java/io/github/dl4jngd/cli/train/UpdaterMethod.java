package io.github.dl4jngd.cli.train;

import java.util.function.DoubleFunction;
import org.nd4j.linalg.learning.config.IUpdater;

/** One of DL4J's own updaters on the raw gradient. */
record UpdaterMethod(
        String name, String description, double defaultLearningRate, DoubleFunction<? extends IUpdater> constructor)
        implements TrainingMethod {

    @Override
    public IUpdater updater(double learningRate) {
        return constructor.apply(learningRate);
    }

    @Override
    public TrainingMethod withMomentum(double momentum) {
        if (!(constructor instanceof NesterovMomentum)) {
            throw new IllegalArgumentException(name + " has no momentum; nesterovs has");
        }
        return new UpdaterMethod(
                name, "Nesterov momentum " + momentum, defaultLearningRate, new NesterovMomentum(momentum));
    }
}
