package io.github.dl4jngd.cli.train;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** A plan and what came of it. */
record TrainingRun(TrainingPlan plan, List<Measurement> measurements) {

    TrainingRun {
        measurements = List.copyOf(measurements);
    }

    Measurement last() {
        return measurements.get(measurements.size() - 1);
    }

    boolean diverged() {
        return !last().finite();
    }

    /** The first evaluation on the training set at or below a loss. */
    Optional<Measurement> firstAt(double trainingLoss) {
        return measurements.stream()
                .filter(measurement -> measurement.train().stream().anyMatch(score -> score.loss() <= trainingLoss))
                .findFirst();
    }

    /** Training time until a classifier's test accuracy was first seen at or above a threshold. */
    OptionalDouble secondsTo(double accuracy) {
        return measurements.stream()
                .filter(measurement -> plan.scoring() == Scoring.CLASSIFICATION
                        && measurement.test().fit() >= accuracy)
                .mapToDouble(Measurement::seconds)
                .findFirst();
    }
}
