package io.github.dl4jngd.cli.train;

import java.util.Optional;
import java.util.OptionalInt;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A way to train a network. Called in this order: {@link #updater} for the configuration, {@link #attach} once the
 * network is initialised and before its first step, {@link Attachment#close} after its last.
 */
public interface TrainingMethod {

    /**
     * The name on the command line and in all results.
     *
     * @return lower case, words joined by hyphens
     */
    String name();

    /**
     * What it is, for {@code --help}.
     *
     * @return a few words
     */
    String description();

    /**
     * The learning rate where none is given.
     *
     * @return a positive number
     */
    double defaultLearningRate();

    /**
     * The updater for the network's configuration.
     *
     * @param learningRate its learning rate
     * @return a new updater
     */
    IUpdater updater(double learningRate);

    /**
     * The same method with another momentum.
     *
     * @param momentum in [0, 1)
     * @return a new method
     * @throws IllegalArgumentException if it has none, or outside that range
     */
    default TrainingMethod withMomentum(double momentum) {
        throw new IllegalArgumentException(name() + " has no momentum");
    }

    /**
     * Prepares an initialised network for training with this method. Does nothing unless overridden.
     *
     * @param network the network, which may be changed
     * @param batchSize the minibatch size
     * @return what undoes it
     */
    default Attachment attach(TrainingModel network, int batchSize) {
        return () -> {};
    }

    /**
     * What this method can cope with, where that is less than the command's defaults. Options on the command line
     * overrule it.
     *
     * @return the limit, or empty
     */
    default Optional<Limit> limit() {
        return Optional.empty();
    }

    /** What a method has attached to a network. */
    @FunctionalInterface
    interface Attachment extends AutoCloseable {
        /**
         * What was attached, for the console.
         *
         * @return several lines, or an empty string
         */
        default String description() {
            return "";
        }

        /**
         * Steps of its own, where they are not those of minibatches on this machine.
         *
         * @return the steps, or empty
         */
        default Optional<Steps> steps() {
            return Optional.empty();
        }

        /** Detaches it and frees its memory. */
        @Override
        void close();
    }

    /**
     * A method's own limits.
     *
     * @param batchSize the largest minibatch, where there is one
     * @param examples the largest training set, where there is one
     * @param note why, printed where the limit takes effect
     */
    record Limit(OptionalInt batchSize, OptionalInt examples, String note) {}
}
