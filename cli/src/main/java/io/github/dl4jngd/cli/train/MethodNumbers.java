package io.github.dl4jngd.cli.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** An option with one positive number for all methods, or a list such as {@code sgd=0.1,adam=0.001}. */
final class MethodNumbers {

    private final Map<String, Double> byMethod;
    private final Double common;

    private MethodNumbers(Map<String, Double> byMethod, Double common) {
        this.byMethod = byMethod;
        this.common = common;
    }

    /**
     * Parses the option.
     *
     * @param values its values, split at commas; empty where it was not given
     * @param methods the names of the methods that are trained
     * @throws IllegalArgumentException with a message for the user
     */
    static MethodNumbers parse(List<String> values, List<String> methods) {
        Map<String, Double> byMethod = new HashMap<>();
        Double common = null;
        for (String value : values) {
            int separator = value.indexOf('=');
            if (separator < 0) {
                if (values.size() > 1) {
                    throw new IllegalArgumentException(
                            "expected one number or a list method=number, found '" + String.join(",", values) + "'");
                }
                common = positive(value);
            } else {
                String method = value.substring(0, separator).strip();
                if (!methods.contains(method)) {
                    throw new IllegalArgumentException(
                            "'" + method + "' is not among the methods trained, " + String.join(", ", methods));
                }
                byMethod.put(method, positive(value.substring(separator + 1)));
            }
        }
        return new MethodNumbers(byMethod, common);
    }

    private static double positive(String text) {
        double value;
        try {
            value = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a positive number, found '" + text + "'", e);
        }
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("expected a positive number, found '" + text + "'");
        }
        return value;
    }

    double of(TrainingMethod method, double otherwise) {
        return of(method).orElse(otherwise);
    }

    /** What was given for a method, on its own or for all. */
    OptionalDouble of(TrainingMethod method) {
        Double number = byMethod.getOrDefault(method.name(), common);
        return number == null ? OptionalDouble.empty() : OptionalDouble.of(number);
    }
}
