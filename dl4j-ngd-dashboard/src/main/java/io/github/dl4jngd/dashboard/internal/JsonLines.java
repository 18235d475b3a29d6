package io.github.dl4jngd.dashboard.internal;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.shade.jackson.databind.DeserializationFeature;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.ObjectReader;

/** Reads the lines of a {@link io.github.dl4jngd.spectral.sink.JsonLinesSink}. */
final class JsonLines {

    /** A line of this name and no number says what the run is called, where a file cannot be called so. */
    static final String RUN = "run";

    private static final ObjectReader READER =
            new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** How deep a detail may be nested; a density's nodes are numbers in lists in objects in a list. */
    private static final int DEEPEST = 6;

    private JsonLines() {}

    /** The reading in a line; empty where there is none. */
    static Optional<Row> reading(String line) {
        Optional<JsonNode> object = object(line);
        if (object.isEmpty() || !object.get().path("iteration").canConvertToInt()) {
            return Optional.empty();
        }
        int iteration = 0;
        int epoch = 0;
        int model = 0;
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, Object> details = new LinkedHashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = object.get().fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            JsonNode value = field.getValue();
            switch (field.getKey()) {
                case "iteration" -> iteration = value.asInt();
                case "epoch" -> epoch = value.asInt();
                case "model" -> model = value.asInt();
                default -> {
                    if (value.isNumber() || value.isNull()) {
                        values.put(field.getKey(), value.asDouble(Double.NaN));
                    } else if (isFlat(value, DEEPEST)) {
                        details.put(field.getKey(), value);
                    }
                }
            }
        }
        return iteration < 0 || values.isEmpty()
                ? Optional.empty()
                : Optional.of(new Row(Row.Kind.of(values), iteration, epoch, model, values, details));
    }

    private static boolean isFlat(JsonNode value, int deepest) {
        if (!value.isContainerNode()) {
            return true;
        }
        if (deepest == 0) {
            return false;
        }
        for (JsonNode each : value) {
            if (!isFlat(each, deepest - 1)) {
                return false;
            }
        }
        return true;
    }

    /** The name that a first line gives the run; empty where it gives none. */
    static Optional<String> name(String line) {
        return object(line)
                .map(object -> object.path(RUN))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText);
    }

    /** A text in a JSON object; empty where there is none. */
    static Optional<JsonNode> object(String text) {
        try {
            return Optional.<JsonNode>ofNullable(READER.readTree(text)).filter(JsonNode::isObject);
        } catch (IOException | StackOverflowError e) {
            return Optional.empty(); // no JSON, cut off, or nested without end
        }
    }
}
