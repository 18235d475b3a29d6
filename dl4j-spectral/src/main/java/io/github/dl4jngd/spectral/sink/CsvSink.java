package io.github.dl4jngd.spectral.sink;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes readings as rows of a CSV file (RFC 4180, UTF-8): iteration, epoch, then {@link Reading#values()}. Every row
 * is on disk before training goes on. Cells without a number are empty.
 */
public final class CsvSink implements Sink {

    private final Path file;

    /** Null where the file is new, and once its rows are being added to. */
    private EarlierCsv earlier;

    /** Null as long as an earlier file is untouched. */
    private CsvWriter writer;

    private List<String> columns;

    /**
     * Creates the file; an earlier one of that name is replaced.
     *
     * @param file its path
     * @throws IOException when it cannot be written
     */
    public CsvSink(Path file) throws IOException {
        this.file = file;
        this.writer = open(file);
    }

    private CsvSink(Path file, EarlierCsv earlier) {
        this.file = file;
        this.earlier = earlier;
    }

    /**
     * Continues the file of an earlier run, for training that goes on from a checkpoint; creates it where there is
     * none.
     *
     * <p>With the first reading, rows of later iterations (read after the checkpoint was made) are dropped, and so is a
     * last line without its line feed, as a process that is killed may leave; the readings' rows follow. Until then the
     * file is not touched. It is shortened in a copy that then takes its place, so that it is whole at any time. Memory
     * does not grow with the file.
     *
     * @param file its path
     * @param fromIteration the iteration at which training goes on, ≥ 0: rows before it are kept
     * @return a sink
     * @throws IOException when the file cannot be read or written, or is none that a {@code CsvSink} wrote: its header
     *     does not begin with iteration, epoch, or a row has other cells. {@link #accept} throws it where the first
     *     reading has other columns than the file. The file then is as it was.
     * @throws IllegalArgumentException when {@code fromIteration} is negative
     */
    public static CsvSink append(Path file, int fromIteration) throws IOException {
        if (fromIteration < 0) {
            throw new IllegalArgumentException("Training goes on at an iteration ≥ 0, got " + fromIteration);
        }
        if (Files.notExists(file)) {
            return new CsvSink(file);
        }
        Path itself = file.toRealPath(); // a link stays one
        return new CsvSink(itself, new EarlierCsv(itself, fromIteration));
    }

    private static CsvWriter open(Path file, OpenOption... how) throws IOException {
        return CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(file, StandardCharsets.UTF_8, how);
    }

    @Override
    public void accept(Reading reading) throws IOException {
        List<String> names = new ArrayList<>(List.of("iteration", "epoch"));
        names.addAll(reading.values().keySet());
        if (columns == null) {
            begin(names);
        }
        refuseOthers(columns, names);
        List<String> cells =
                new ArrayList<>(List.of(Integer.toString(reading.iteration()), Integer.toString(reading.epoch())));
        reading.values().values().forEach(value -> cells.add(value.isNaN() ? "" : Double.toString(value)));
        writer.writeRecord(cells);
        flush();
    }

    private void begin(List<String> names) throws IOException {
        boolean headed = earlier != null && !earlier.columns().isEmpty();
        if (headed) {
            refuseOthers(earlier.columns(), names);
        }
        if (earlier != null) {
            earlier.shorten();
            writer = open(file, StandardOpenOption.APPEND);
            earlier = null;
        }
        if (!headed) {
            writer.writeRecord(names);
        }
        columns = List.copyOf(names);
    }

    private void refuseOthers(List<String> expected, List<String> names) throws IOException {
        if (!expected.equals(names)) {
            throw new IOException(file + " has the columns " + expected + ", the reading " + names);
        }
    }

    @Override
    public void flush() throws IOException {
        if (writer != null) {
            writer.flush();
        }
    }

    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }
}
