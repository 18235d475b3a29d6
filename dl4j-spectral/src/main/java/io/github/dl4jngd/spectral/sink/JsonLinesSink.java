package io.github.dl4jngd.spectral.sink;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Writes readings as one JSON object a line (UTF-8), with their details. Every line is on disk before training goes on.
 * NaN becomes null.
 */
public final class JsonLinesSink implements Sink {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final BufferedWriter writer;

    /**
     * Creates the file; an earlier one of that name is replaced.
     *
     * @param file its path
     * @throws IOException when it cannot be written
     */
    public JsonLinesSink(Path file) throws IOException {
        writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    }

    @Override
    public void accept(Reading reading) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("iteration", reading.iteration());
        object.put("epoch", reading.epoch());
        reading.values().forEach((name, value) -> object.put(name, Double.isFinite(value) ? value : null));
        object.putAll(reading.details());
        writer.write(MAPPER.writeValueAsString(object));
        writer.write('\n');
        flush();
    }

    @Override
    public void flush() throws IOException {
        writer.flush();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
