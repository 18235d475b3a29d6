package io.github.dl4jngd.ui;

import io.github.dl4jngd.spectral.sink.Reading;
import java.util.LinkedHashMap;
import java.util.Map;

/** Readings as listeners make them, of numbers that a test says. */
record Numbers(int iteration, int epoch, String kind, Map<String, Double> values, Map<String, Object> details)
        implements Reading {

    /** Gradient descent at a ratio of its boundary, λ_max = 20. */
    static Numbers spectrum(int iteration, double ratio) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("lambda_max", 20.0);
        values.put("boundary", 0.1);
        values.put("rate", 0.1 * ratio);
        values.put("rate_over_boundary", ratio);
        values.put("model", 0.0);
        return new Numbers(
                iteration, iteration / 100, "spectrum", values, Map.of("rule", "gradient descent", "updater", "Sgd"));
    }

    /** A natural gradient's step. */
    static Numbers step(int iteration) {
        return new Numbers(
                iteration, iteration / 100, "isotropy", Map.of("alpha", 0.8, "damping", 0.01, "model", 0.0), Map.of());
    }
}
