package io.github.dl4jngd.transfer;

/** When a task counts as learnt. */
@FunctionalInterface
public interface StopRule {

    /**
     * Whether training of a task stops.
     *
     * @param epochs passes over the task's data so far, at least 1
     * @param loss the mean data loss on the task's training data after them, without penalties
     * @return true to stop
     */
    boolean stops(int epochs, double loss);

    /**
     * Stops below a training loss.
     *
     * @param level the loss
     * @return the rule
     * @throws IllegalArgumentException if the level is not finite
     */
    static StopRule loss(double level) {
        if (!Double.isFinite(level)) {
            throw new IllegalArgumentException("The loss to stop at must be finite, was " + level);
        }
        return (epochs, loss) -> loss < level;
    }

    /**
     * Stops after so many passes over the data.
     *
     * @param count at least 1
     * @return the rule
     * @throws IllegalArgumentException if there are none
     */
    static StopRule epochs(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("A task needs at least one epoch, got " + count);
        }
        return (epochs, loss) -> epochs >= count;
    }
}
