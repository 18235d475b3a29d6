package io.github.dl4jngd.dashboard.internal;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the lines of a CSV file: those of a {@code CsvSink}, or of the {@code training.csv} of {@code ngd train}. */
final class CsvRows {

    /** Of which form a file is. */
    enum Form {
        READINGS,
        TRAINING,
        OTHER
    }

    private static final int LONGEST_HEADER = Tail.LONGEST_LINE;

    /** The lines of the header so far: a name in quotation marks may have line feeds. */
    private final StringBuilder header = new StringBuilder();

    private List<String> columns = List.of();

    /** The form of a file by its header. */
    static Form form(List<String> columns) {
        if (columns.size() > 2 && columns.subList(0, 2).equals(List.of("iteration", "epoch"))) {
            return Form.READINGS;
        }
        return columns.containsAll(List.of("method", "epoch", "step", "test_loss")) ? Form.TRAINING : Form.OTHER;
    }

    /** The names of the columns; empty as long as the header is not complete. */
    List<String> columns() {
        return columns;
    }

    /** The cells of a line by name; empty for a header, and for what does not fit it. */
    Optional<Map<String, String>> cells(String line) {
        if (columns.isEmpty()) {
            readHeader(line);
            return Optional.empty();
        }
        List<String> cells = record(line);
        if (cells.size() != columns.size()) {
            return Optional.empty();
        }
        Map<String, String> byName = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            byName.put(columns.get(i), cells.get(i));
        }
        return Optional.of(byName);
    }

    /** The reading in a line's cells; empty where they are none. */
    static Optional<Row> reading(Map<String, String> cells) {
        Map<String, Double> values = new LinkedHashMap<>();
        cells.forEach((name, cell) -> values.put(name, number(cell)));
        double iteration = values.remove("iteration");
        double epoch = values.remove("epoch");
        Double model = values.remove("model");
        return row(Row.Kind.of(values), iteration, epoch, model == null ? 0 : model, values);
    }

    /** The evaluation in a line's cells; empty where they are none. */
    static Optional<Row> evaluation(Map<String, String> cells) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (String name : List.of("seconds", "train_loss", "test_loss", "train_accuracy", "test_accuracy")) {
            if (cells.containsKey(name)) {
                values.put(name, number(cells.get(name)));
            }
        }
        return row(Row.Kind.EVALUATION, number(cells.get("step")), number(cells.get("epoch")), 0, values);
    }

    private static Optional<Row> row(
            Row.Kind kind, double iteration, double epoch, double model, Map<String, Double> values) {
        return iteration >= 0 && iteration <= Integer.MAX_VALUE
                ? Optional.of(new Row(kind, (int) iteration, (int) epoch, (int) model, values, Map.of()))
                : Optional.empty();
    }

    private void readHeader(String line) {
        if (header.length() + line.length() > LONGEST_HEADER) {
            return;
        }
        header.append(line);
        if (header.chars().filter(each -> each == '"').count() % 2 == 0) {
            columns = List.copyOf(record(header.toString()));
        } else {
            header.append('\n');
        }
    }

    private static List<String> record(String text) {
        try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(text)) {
            return reader.stream().findFirst().map(CsvRecord::getFields).orElse(List.of());
        } catch (CsvParseException | IOException e) {
            return List.of();
        }
    }

    private static double number(String cell) {
        try {
            return Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
