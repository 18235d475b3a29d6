package io.github.dl4jngd.datasets;

/** Which of the two labels of a CIFAR-100 record counts. */
public enum CifarLabels {
    /** The 100 classes. */
    FINE,
    /** The 20 superclasses. */
    COARSE
}
