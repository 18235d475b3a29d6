package io.github.dl4jngd.fisher.operation;

/** What a batch normalisation is linearised as. */
public enum BatchStatistics {
    /** With the minibatch's mean and variance and their derivatives, as in training: samples are coupled. */
    COUPLED("batch statistics"),
    /** With the minibatch's mean and variance taken as constants: an approximation without coupling. */
    CONSTANT("batch statistics taken as constants"),
    /** With the running mean and variance, as at test time: an affine map. */
    RUNNING("running statistics");

    private final String description;

    BatchStatistics(String description) {
        this.description = description;
    }

    @Override
    public String toString() {
        return description;
    }
}
