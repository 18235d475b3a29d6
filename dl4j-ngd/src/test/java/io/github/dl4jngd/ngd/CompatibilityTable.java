package io.github.dl4jngd.ngd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/** What came of every cell, as Markdown, and its place in the document. */
final class CompatibilityTable {

    /** A column: float32 and float64 of either class, a regularised gradient, and what comes of longer training. */
    record Column(ModelClass modelClass, DataType type, String title, boolean trains, boolean regularizes) {

        Column(ModelClass modelClass, DataType type, String title) {
            this(modelClass, type, title, false, false);
        }

        String outcome(Setting setting, List<Method> methods) {
            Cell cell = new Cell(setting, modelClass, type);
            return trains ? cell.trained() : regularizes ? cell.regularized() : cell.outcome(methods);
        }

        @Override
        public String toString() {
            return trains || regularizes ? title : modelClass + " " + type;
        }
    }

    /** A column's field in a setting's row. */
    private record Field(Column column, Setting setting) {}

    static final List<Column> COLUMNS = List.of(
            new Column(ModelClass.MULTI_LAYER_NETWORK, DataType.FLOAT, "`MultiLayerNetwork` float32"),
            new Column(ModelClass.MULTI_LAYER_NETWORK, DataType.DOUBLE, "float64"),
            new Column(ModelClass.COMPUTATION_GRAPH, DataType.FLOAT, "`ComputationGraph` float32"),
            new Column(ModelClass.COMPUTATION_GRAPH, DataType.DOUBLE, "float64"),
            new Column(ModelClass.MULTI_LAYER_NETWORK, DataType.FLOAT, "gradient regularisation", false, true),
            new Column(ModelClass.MULTI_LAYER_NETWORK, DataType.FLOAT, "30 steps of K-FAC", true, false));

    /** Either class in one of the types, a regularised gradient, and training. */
    static final List<Column> QUICK = List.of(COLUMNS.get(0), COLUMNS.get(3), COLUMNS.get(4), COLUMNS.get(5));

    private static final String DOCUMENT = "docs/compatibility.md";
    private static final String BEGIN = "<!-- begin: written by CompatibilityTest -->\n";
    private static final String END = "<!-- end -->\n";

    private final Map<Field, String> outcomes = new HashMap<>();

    void put(Column column, Setting setting, String outcome) {
        outcomes.put(new Field(column, setting), outcome);
    }

    String render(Map<String, List<Setting>> settings) {
        StringBuilder table = new StringBuilder(row("", COLUMNS.stream().map(Column::title)));
        table.append("| --- |").append(" --- |".repeat(COLUMNS.size())).append('\n');
        settings.forEach((kind, rows) -> {
            table.append(row("**" + kind + "**", COLUMNS.stream().map(column -> "")));
            for (Setting setting : rows) {
                table.append(row(
                        setting.toString(),
                        COLUMNS.stream().map(column -> outcomes.getOrDefault(new Field(column, setting), "failed"))));
            }
        });
        return table.toString();
    }

    private static String row(String head, Stream<String> cells) {
        return cells.collect(Collectors.joining(" | ", "| " + head + " | ", " |\n"));
    }

    /** The document's table. */
    static String read() throws IOException {
        String text = Files.readString(document());
        return text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));
    }

    /**
     * Some columns, but not those of training: another machine rounds otherwise, and thirty steps make something of it.
     */
    static String held(String table, List<Column> columns) {
        int[] held = columns.stream()
                .filter(column -> !column.trains())
                .mapToInt(column -> COLUMNS.indexOf(column) + 1)
                .toArray();
        return table.lines()
                .map(line -> line.split(" \\| ", -1))
                .map(cells -> cells[0]
                        + Arrays.stream(held).mapToObj(i -> cells[i]).collect(Collectors.joining(" | ", " | ", "")))
                .collect(Collectors.joining("\n"));
    }

    static void write(String table) throws IOException {
        String text = Files.readString(document());
        Files.writeString(
                document(),
                text.substring(0, text.indexOf(BEGIN) + BEGIN.length()) + table + text.substring(text.indexOf(END)));
    }

    /** In the project's root, which a test may run in or below. */
    private static Path document() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .map(folder -> folder.resolve(DOCUMENT))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }
}
