package io.github.dl4jngd.spectral.sink;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes readings as rows of a CSV file (RFC 4180, UTF-8): iteration, epoch, then {@link Reading#values()}. Every row is on disk before
 * training goes on. Cells without a number are empty.
 */
public final class CsvSink implements Sink {

    private final CsvWriter writer;
    private List<String> columns;

    /**
     * Creates the file; an earlier one of that name is replaced.
     *
     * @param file its path
     * @throws IOException when it cannot be written
     */
    public CsvSink(Path file) throws IOException {
        writer = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(file, StandardCharsets.UTF_8);
    }

    @Override
    public void accept(Reading reading) throws IOException {
        List<String> names = List.copyOf(reading.values().keySet());
        if (columns == null) {
            columns = names;
            List<String> header = new ArrayList<>(List.of("iteration", "epoch"));
            header.addAll(names);
            writer.writeRecord(header);
        } else if (!columns.equals(names)) {
            throw new IOException("the file has the columns " + columns + ", the reading " + names);
        }
        List<String> cells =
                new ArrayList<>(List.of(Integer.toString(reading.iteration()), Integer.toString(reading.epoch())));
        reading.values().values().forEach(value -> cells.add(value.isNaN() ? "" : Double.toString(value)));
        writer.writeRecord(cells);
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
