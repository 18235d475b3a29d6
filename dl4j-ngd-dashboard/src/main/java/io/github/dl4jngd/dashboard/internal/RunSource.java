package io.github.dl4jngd.dashboard.internal;

import java.util.function.Consumer;

/** Something that has readings of a run, and how far it has been read. Used by one thread at a time. */
public interface RunSource {

    /**
     * What tells it from other sources of its run.
     *
     * @return such as the path of a file
     */
    Object id();

    /**
     * Looks whether it has changed.
     *
     * @return another stamp where it has; {@link Stamp#NONE} where it is gone
     */
    Stamp look();

    /**
     * Reads on where it has changed.
     *
     * @param now what {@link #look()} gave
     * @param budget how many bytes at most, where it has bytes
     * @param to takes what is read
     * @return whether there is more to read
     */
    boolean read(Stamp now, long budget, Readings to);

    /** Begins again with the next reading. */
    void forget();

    /** What a run does with what is read. */
    interface Readings extends Consumer<Row> {
        /** Everything read of the run so far no longer holds. */
        void restart();

        /** There was something that is no reading. */
        void leftOut();
    }
}
