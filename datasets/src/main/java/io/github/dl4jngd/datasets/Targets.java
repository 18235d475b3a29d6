package io.github.dl4jngd.datasets;

/** How labels become targets. */
public enum Targets {
    /** [N, k]: one in the column of the class, zero elsewhere. */
    ONE_HOT,
    /** [N, 1], two classes only: -½ for the first class, +½ for the second. */
    PLUS_MINUS_HALF
}
