package io.github.dl4jngd.fisher.training;

import java.util.Optional;

/** An updater with a natural gradient in front, which others can ask what its last step did. */
public interface StepReporter {

    /**
     * The last step.
     *
     * @return its report, or empty before the first
     */
    Optional<StepReport> lastStep();
}
