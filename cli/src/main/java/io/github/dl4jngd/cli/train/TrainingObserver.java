package io.github.dl4jngd.cli.train;

import java.io.IOException;

/** Is told how training goes on. Its time is not counted. */
interface TrainingObserver {

    /** What a method attached to the network; empty where nothing. */
    default void attached(String description) {}

    /** What the readings of the spectrum were, in a line. */
    default void sharpness(String summary) {}

    void epochStarts(TrainingPlan plan, int epoch);

    void stepDone(double minibatchLoss);

    void measured(TrainingPlan plan, Measurement measurement) throws IOException;
}
