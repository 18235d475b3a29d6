package io.github.dl4jngd.fisher.operation;

/** Steps that make probabilities of logits, and that a cross-entropy right above takes into itself. */
public enum Squashing {
    /** Anything else. */
    NONE,
    /** A logistic function of every number. */
    SIGMOID,
    /** A softmax over the last axis. */
    SOFTMAX
}
