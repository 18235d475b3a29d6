package io.github.dl4jngd.cli.train;

import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** The steps of a training run, epoch by epoch. */
public interface Steps {

    /** Begins the next epoch. */
    void beginEpoch();

    /**
     * Whether the epoch has another step.
     *
     * @return false at its end
     */
    boolean hasNext();

    /** Fetches what it takes and makes it. */
    void step();

    /**
     * Steps on minibatches of this machine.
     *
     * @param minibatches shuffled anew when they are reset
     * @param network what is trained
     * @return the steps
     */
    static Steps of(DataSetIterator minibatches, TrainingModel network) {
        return new Steps() {
            @Override
            public void beginEpoch() {
                minibatches.reset();
            }

            @Override
            public boolean hasNext() {
                return minibatches.hasNext();
            }

            @Override
            public void step() {
                network.fit(minibatches.next());
            }
        };
    }
}
