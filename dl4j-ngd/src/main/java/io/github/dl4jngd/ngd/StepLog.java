package io.github.dl4jngd.ngd;

/** Where the parts of a step log: under the name of {@link NaturalGradient}, the class that users know. */
final class StepLog {

    /** The name alone, because no part of a step knows the class. */
    static final String NAME = "io.github.dl4jngd.ngd.NaturalGradient";

    private StepLog() {}
}
