package io.github.dl4jngd.cli.train;

import java.util.function.DoubleFunction;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * Makes DL4J's Nesterov momentum from a learning rate.
 *
 * @param momentum in [0, 1)
 */
record NesterovMomentum(double momentum) implements DoubleFunction<IUpdater> {

    NesterovMomentum {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("expected a momentum in [0, 1), found " + momentum);
        }
    }

    @Override
    public IUpdater apply(double learningRate) {
        return new Nesterovs(learningRate, momentum);
    }
}
