package io.github.dl4jngd.dashboard.internal;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One reading, as a file has it.
 *
 * @param kind what was read
 * @param iteration the model's iteration, ≥ 0
 * @param epoch the model's epoch
 * @param model which of the models that the listener has seen
 * @param values the numbers; NaN where there is none
 * @param details what is no number
 */
public record Row(
        Kind kind, int iteration, int epoch, int model, Map<String, Double> values, Map<String, Object> details) {

    /** The number that says which of the models it is. */
    private static final String MODEL = "model";

    /** What a reading is of; each kind is a series of its own. */
    public enum Kind {
        /** λ_max beside the rate. */
        SPECTRUM,
        /** What a natural gradient's step did. */
        STEPS,
        /** Losses on the training set and the test set. */
        EVALUATION;

        /** The kind of a listener's reading, by the names of its numbers. */
        static Kind of(Map<String, Double> values) {
            return values.containsKey("lambda_max") ? SPECTRUM : STEPS;
        }
    }

    /**
     * A listener's reading.
     *
     * @param iteration the model's iteration, ≥ 0
     * @param epoch the model's epoch
     * @param values the numbers by name, {@code model} among them
     * @param details what is no number
     * @return the row; numbers that are infinite are NaN in it
     */
    public static Row of(int iteration, int epoch, Map<String, Double> values, Map<String, Object> details) {
        Map<String, Double> numbers = new LinkedHashMap<>(values);
        Double model = numbers.remove(MODEL);
        numbers.replaceAll((name, value) -> Double.isFinite(value) ? value : Double.NaN);
        return new Row(Kind.of(numbers), iteration, epoch, model == null ? 0 : model.intValue(), numbers, details);
    }
}
