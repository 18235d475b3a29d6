package io.github.dl4jngd.cli.meanfield;

import java.util.Locale;

/** What keeps, or does not keep, λ_max from growing with the width. */
public enum Normalization {
    /** Nothing. */
    NONE("none"),
    /** The last layer subtracts the minibatch's mean from each output. */
    MEAN_SUBTRACTION("mean subtraction in the last layer"),
    /** Over the units of each hidden layer. */
    LAYER_NORM("layer normalisation in hidden layers"),
    /** Over the minibatch, in each unit of hidden layers. */
    BATCH_NORM("batch normalisation in hidden layers");

    private final String description;

    Normalization(String description) {
        this.description = description;
    }

    /**
     * The normalisation in words.
     *
     * @return such as {@code layer normalisation in hidden layers}
     */
    public String description() {
        return description;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
