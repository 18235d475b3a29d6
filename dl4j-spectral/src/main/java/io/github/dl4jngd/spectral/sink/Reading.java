package io.github.dl4jngd.spectral.sink;

import java.util.Map;

/** What a listener read at one iteration. {@code toString()} is a line for people. */
public interface Reading {

    /**
     * The iteration at which this was read.
     *
     * @return the model's iteration, from 0
     */
    int iteration();

    /**
     * The epoch in which this was read.
     *
     * @return the model's epoch, from 0
     */
    int epoch();

    /**
     * Whose reading this is: a {@code ParallelWrapper} hands a listener to all of its workers, each with a copy of the
     * model.
     *
     * @return which of the models that the listener has seen, from 0 in the order in which it first saw them
     */
    default int model() {
        return 0;
    }

    /**
     * What kind of reading it is: those of one kind have the same names, and a storage keeps kinds apart.
     *
     * @return a word, such as "spectrum"
     */
    default String kind() {
        return "training";
    }

    /**
     * What a line for people begins with where there are several models.
     *
     * @param model as {@link #model()} gives it
     * @return such as "model 1, "; empty for the first
     */
    static String prefix(int model) {
        return model == 0 ? "" : "model " + model + ", ";
    }

    /**
     * The numbers in a fixed order, the same names for every reading of a listener.
     *
     * @return from name to number; NaN where there is none
     */
    Map<String, Double> values();

    /**
     * What does not fit a table, such as a density's nodes.
     *
     * @return from name to numbers, lists or maps
     */
    default Map<String, Object> details() {
        return Map.of();
    }
}
