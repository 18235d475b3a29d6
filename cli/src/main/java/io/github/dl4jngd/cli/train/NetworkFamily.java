package io.github.dl4jngd.cli.train;

import java.util.Map;
import org.nd4j.linalg.learning.config.IUpdater;

/** Networks of one form that all start from the same parameters. */
interface NetworkFamily {

    /** A new network at the common initial parameters. */
    TrainingModel network(IUpdater updater);

    /** The number of parameters. */
    long parameters();

    /** The form in a few words, such as {@code 784-512-512-10}. */
    String shape();

    /** What else to say about the form, for reports. */
    Map<String, Object> details();
}
