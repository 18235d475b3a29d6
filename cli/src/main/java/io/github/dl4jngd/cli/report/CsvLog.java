package io.github.dl4jngd.cli.report;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A CSV file whose rows are on disk as soon as they are written, so that an interrupted run leaves a readable file. */
public final class CsvLog implements AutoCloseable {

    private final CsvWriter writer;
    private final int columns;

    CsvLog(Path path, String... header) throws IOException {
        writer = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(path, StandardCharsets.UTF_8);
        columns = header.length;
        row((Object[]) header);
    }

    /**
     * Writes a row and flushes it.
     *
     * @param cells one per column; {@code null} becomes an empty cell
     * @throws IOException when writing fails
     * @throws IllegalArgumentException when there is not one cell per column
     */
    public void row(Object... cells) throws IOException {
        if (cells.length != columns) {
            throw new IllegalArgumentException("expected " + columns + " cells, found " + cells.length);
        }
        writer.writeRecord(Arrays.stream(cells)
                .map(cell -> cell == null ? "" : cell.toString())
                .toList());
        writer.flush();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
