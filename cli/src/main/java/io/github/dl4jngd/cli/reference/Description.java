package io.github.dl4jngd.cli.reference;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A JSON object whose values have the expected types, or an error that names file and key. */
public final class Description {

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path path;
    private final String prefix;
    private final JsonNode node;

    private Description(Path path, String prefix, JsonNode node) {
        this.path = path;
        this.prefix = prefix;
        this.node = node;
    }

    static Description read(Path path) throws UnusableFileException {
        if (Files.notExists(path)) {
            throw new UnusableFileException(
                    path, "expected the description of the arrays here, but there is no such file");
        }
        try {
            JsonNode node = MAPPER.readTree(path.toFile());
            if (!node.isObject()) {
                throw new UnusableFileException(path, "expected a JSON object");
            }
            return new Description(path, "", node);
        } catch (IOException e) {
            throw new UnusableFileException(path, "expected readable JSON: " + firstLine(e.getMessage()), e);
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }

    /**
     * Whether there is a value of a name.
     *
     * @param key its name
     * @return true if so
     */
    public boolean has(String key) {
        return node.has(key);
    }

    /**
     * The text under a key.
     *
     * @param key its name
     * @return the text
     * @throws UnusableFileException if it is missing or no text
     */
    public String text(String key) throws UnusableFileException {
        return value(key, "a text", JsonNode::isTextual).asText();
    }

    /**
     * The number under a key.
     *
     * @param key its name
     * @return the number
     * @throws UnusableFileException if it is missing or no number
     */
    public double number(String key) throws UnusableFileException {
        return value(key, "a number", Description::isFinite).asDouble();
    }

    /**
     * The truth value under a key.
     *
     * @param key its name
     * @return the truth value
     * @throws UnusableFileException if it is missing or neither true nor false
     */
    public boolean truth(String key) throws UnusableFileException {
        return value(key, "true or false", JsonNode::isBoolean).asBoolean();
    }

    /**
     * A list of numbers.
     *
     * @param key its name
     * @return the numbers
     * @throws UnusableFileException if it is missing or no list of numbers
     */
    public List<Double> numbers(String key) throws UnusableFileException {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode element : list(key, "a list of numbers", Description::isFinite)) {
            numbers.add(element.asDouble());
        }
        return numbers;
    }

    /**
     * A list of positive whole numbers.
     *
     * @param key its name
     * @return the numbers
     * @throws UnusableFileException if it is missing or no such list
     */
    public List<Integer> sizes(String key) throws UnusableFileException {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode element : list(key, "a list of positive whole numbers", e -> e.isInt() && e.asInt() > 0)) {
            numbers.add(element.asInt());
        }
        return numbers;
    }

    /**
     * A list of texts.
     *
     * @param key its name
     * @return the texts
     * @throws UnusableFileException if it is missing or no list of texts
     */
    public List<String> texts(String key) throws UnusableFileException {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : list(key, "a list of texts", JsonNode::isTextual)) {
            texts.add(element.asText());
        }
        return texts;
    }

    /**
     * A list of lists of numbers.
     *
     * @param key its name
     * @param columns how many numbers each list has
     * @return the rows
     * @throws UnusableFileException if it is missing or not of this form
     */
    public List<List<Double>> rows(String key, int columns) throws UnusableFileException {
        String expected = "a list of lists of " + columns + " numbers";
        List<List<Double>> rows = new ArrayList<>();
        for (JsonNode element : list(key, expected, e -> e.isArray() && e.size() == columns)) {
            List<Double> row = new ArrayList<>();
            for (JsonNode number : element) {
                if (!isFinite(number)) {
                    throw wrong(key, expected);
                }
                row.add(number.asDouble());
            }
            rows.add(row);
        }
        return rows;
    }

    /**
     * An object within this one.
     *
     * @param key its name
     * @return the object
     * @throws UnusableFileException if it is missing or no object
     */
    public Description object(String key) throws UnusableFileException {
        return new Description(path, prefix + key + ".", value(key, "an object", JsonNode::isObject));
    }

    /**
     * The names of all values.
     *
     * @return the names, in the file's order
     */
    public List<String> names() {
        return node.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** A number beyond the range of double is read as infinity. */
    private static boolean isFinite(JsonNode number) {
        return number.isNumber() && Double.isFinite(number.asDouble());
    }

    private JsonNode list(String key, String expected, Predicate<JsonNode> element) throws UnusableFileException {
        JsonNode list = value(key, expected, JsonNode::isArray);
        for (JsonNode one : list) {
            if (!element.test(one)) {
                throw wrong(key, expected);
            }
        }
        return list;
    }

    private JsonNode value(String key, String expected, Predicate<JsonNode> fits) throws UnusableFileException {
        JsonNode value = node.get(key);
        if (value == null) {
            throw new UnusableFileException(path, "has no key '" + prefix + key + "', expected " + expected);
        }
        if (!fits.test(value)) {
            throw wrong(key, expected);
        }
        return value;
    }

    private UnusableFileException wrong(String key, String expected) {
        return new UnusableFileException(
                path, "key '" + prefix + key + "': expected " + expected + ", found " + shortened(node.get(key)));
    }

    private static String shortened(JsonNode value) {
        String text = value.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + " …";
    }
}
