package io.github.dl4jngd.fisher.operation;

/** What a step does that changes no number, but perhaps where it stands in its sample. */
public enum Rearrangement {
    /** Nothing of the kind: the step computes. */
    NONE,
    /** Samples keep their row-major order and get another shape. */
    RESHAPE,
    /** The last axis becomes the second, as from NHWC to NCHW. */
    LAST_AXIS_TO_SECOND,
    /** Axes behind the first change places in another way. */
    PERMUTATION
}
