package io.github.dl4jngd.spectral.sink;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.github.dl4jngd.fisher.internal.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A CSV file that an earlier run wrote and another goes on with: what is kept of it are the rows before an iteration.
 * It is read line by line and checked wholly before anything of it is changed.
 */
final class EarlierCsv {

    private static final List<String> FIRST_COLUMNS = List.of("iteration", "epoch");
    private static final Pattern COUNT = Pattern.compile("\\d{1,10}");
    private static final Pattern NUMBER = Pattern.compile("|NaN|[+-]?(Infinity|\\d+(\\.\\d*)?([eE][+-]?\\d+)?)");

    private final Path file;
    private final int end;

    /** Empty where the file has no header yet. */
    private List<String> columns = List.of();

    /** Whether the file has more than what is kept. */
    private boolean longer;

    /**
     * Reads and checks a file, and changes nothing.
     *
     * @param end the first iteration whose rows are not kept
     * @throws IOException where it is no file of a {@link CsvSink}'s
     */
    EarlierCsv(Path file, int end) throws IOException {
        this.file = file;
        this.end = end;
        if (!Files.isRegularFile(file) || !Files.isWritable(file)) {
            throw new IOException(file + " cannot be continued: it is no file that can be read and written");
        }
        copyTo(OutputStream.nullOutputStream());
    }

    /** Names of all columns, iteration and epoch among them; empty where there is no header. */
    List<String> columns() {
        return columns;
    }

    /** Shortens the file to what is kept of it, wholly or not at all. */
    void shorten() throws IOException {
        if (longer) {
            AtomicFile.write(file, this::copyTo);
        }
    }

    private void copyTo(OutputStream out) throws IOException {
        longer = false;
        columns = List.of();
        try (CsvLines lines = new CsvLines(file)) {
            if (!lines.nextRecord()) {
                refuseOtherText(lines);
                return;
            }
            columns = header(lines);
            out.write(lines.bytes());
            while (lines.next()) {
                if (iteration(lines) < end) {
                    out.write(lines.bytes());
                } else {
                    longer = true;
                }
            }
            longer |= lines.bytes().length > 0;
        }
    }

    /** What a writer leaves that was stopped within the header: nothing, or how it begins. */
    private void refuseOtherText(CsvLines lines) throws IOException {
        String found = text(lines);
        String beginning = String.join(",", FIRST_COLUMNS);
        boolean stopped = beginning.startsWith(found) || found.startsWith(beginning + ",");
        if (!stopped || found.contains("\n") || found.contains("\r")) {
            throw otherHeader(found);
        }
        longer = !found.isEmpty();
    }

    private List<String> header(CsvLines lines) throws IOException {
        List<List<String>> records;
        try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(text(lines))) {
            records = reader.stream().map(CsvRecord::getFields).toList();
        } catch (CsvParseException e) {
            throw refused(lines, e.getMessage());
        }
        List<String> names = records.size() == 1 ? records.get(0) : List.of();
        if (names.size() < FIRST_COLUMNS.size()
                || !names.subList(0, FIRST_COLUMNS.size()).equals(FIRST_COLUMNS)) {
            throw otherHeader(text(lines));
        }
        return names;
    }

    private int iteration(CsvLines lines) throws IOException {
        String[] cells = text(lines).stripTrailing().split(",", -1);
        if (cells.length != columns.size()) {
            throw refused(lines, "has " + cells.length + " cells, the header " + columns.size());
        }
        for (int i = FIRST_COLUMNS.size(); i < cells.length; i++) {
            if (!NUMBER.matcher(cells[i]).matches()) {
                throw refused(lines, "has '" + shortened(cells[i]) + "' where a number is expected");
            }
        }
        count(lines, "epoch", cells[1]);
        return count(lines, "iteration", cells[0]);
    }

    private int count(CsvLines lines, String what, String cell) throws IOException {
        long count = COUNT.matcher(cell).matches() ? Long.parseLong(cell) : -1;
        if (count < 0 || count > Integer.MAX_VALUE) {
            throw refused(lines, "has '" + shortened(cell) + "' for its " + what);
        }
        return (int) count;
    }

    private static String text(CsvLines lines) {
        return new String(lines.bytes(), StandardCharsets.UTF_8);
    }

    private IOException otherHeader(String found) {
        return new IOException(file + " cannot be continued: its header should begin with "
                + String.join(",", FIRST_COLUMNS) + ", and it begins with '" + shortened(found) + "'");
    }

    private IOException refused(CsvLines lines, String why) {
        return new IOException(file + " cannot be continued: its line " + lines.number() + " " + why);
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text.strip() : text.substring(0, 60).strip() + "…";
    }
}
