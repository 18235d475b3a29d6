package io.github.dl4jngd.dashboard.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Lines as the listeners' sinks write them, made by hand: a test says which numbers. */
public final class Readings {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Map<String, Object> fields = new LinkedHashMap<>();

    private Readings(int iteration) {
        fields.put("iteration", iteration);
        fields.put("epoch", iteration / 100);
    }

    /** Gradient descent at a ratio of its boundary, λ_max = 20. */
    public static Readings spectrum(int iteration, double ratio) {
        return new Readings(iteration)
                .with("lambda_max", 20)
                .with("two_over_lambda_max", 0.1)
                .with("boundary", 0.1)
                .with("learning_rate", 0.1 * ratio)
                .with("natural_gradient_step", null)
                .with("rate", 0.1 * ratio)
                .with("rate_over_boundary", Double.isNaN(ratio) ? null : ratio)
                .with("loss", 2.3 / (1 + iteration / 100.0))
                .with("reading_share", 0.12)
                .with("products", 5)
                .with("converged", 1)
                .with("milliseconds", 12.5)
                .with("model", 0)
                .with("matrix", "minibatch: TRUE Fisher")
                .with("rule", "gradient descent")
                .with("rule_text", "2/λ_max")
                .with("updater", "Sgd");
    }

    /** A natural gradient's step. */
    public static Readings step(int iteration) {
        return new Readings(iteration)
                .with("loss", 1.5)
                .with("alpha", 0.8)
                .with("anisotropy", 1.2)
                .with("damping", 0.01)
                .with("step", 0.9)
                .with("reduction_ratio", 0.95)
                .with("milliseconds", 3)
                .with("model", 0);
    }

    /** Layers by their share of λ_max. */
    public Readings layers(Map<String, Double> shares) {
        double ratio = fields.get("rate_over_boundary") instanceof Number number ? number.doubleValue() : Double.NaN;
        shares.forEach((layer, share) -> {
            with("lambda_max_of_" + layer, 20 * share);
            with("rate_over_boundary_of_" + layer, Double.isNaN(ratio) ? null : ratio * share);
        });
        return this;
    }

    public Readings with(String name, Object value) {
        fields.put(name, value);
        return this;
    }

    public Readings without(String name) {
        fields.remove(name);
        return this;
    }

    public String line() {
        try {
            return MAPPER.writeValueAsString(fields) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Adds a line to a file. */
    public Readings appendTo(Path file) throws IOException {
        Files.writeString(file, line(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return this;
    }
}
