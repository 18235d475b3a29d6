package io.github.dl4jngd.cli.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table in plain text: the first column to the left, all others to the right, columns as wide as their longest cell.
 */
public final class Table {

    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;

    /**
     * An empty table.
     *
     * @param header the titles of the columns
     */
    public Table(String... header) {
        columns = header.length;
        row((Object[]) header);
    }

    /**
     * Appends a row.
     *
     * @param cells one per column, shown by {@link Object#toString()}
     * @return this table
     * @throws IllegalArgumentException when there is not one cell per column
     */
    public Table row(Object... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException("expected " + columns + " cells, found " + cells.length);
        }
        rows.add(Arrays.stream(cells).map(Objects::toString).toList());
        return this;
    }

    /**
     * The table as lines, header and rule first, without a line break at the end.
     *
     * @return lines without trailing blanks
     */
    @Override
    public String toString() {
        int[] widths = IntStream.range(0, columns)
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        List<String> lines =
                rows.stream().map(row -> line(row, widths)).collect(Collectors.toCollection(ArrayList::new));
        int width = Arrays.stream(widths).sum() + GAP.length() * (columns - 1);
        lines.add(1, "-".repeat(width));
        return String.join(System.lineSeparator(), lines);
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            String padding = " ".repeat(widths[column] - cell.length());
            line.append(column == 0 ? cell + padding : GAP + padding + cell);
        }
        return line.toString().stripTrailing();
    }
}
