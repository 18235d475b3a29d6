package io.github.dl4jngd.dashboard.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A file that has readings of a run, and how far it has been read. */
final class FileSource implements RunSource {

    private final Path file;
    private final Tail tail;

    /** The one of {@code training.csv} whose rows are taken; empty for a file of readings. */
    private final String method;

    private final boolean json;
    private CsvRows csv = new CsvRows();
    private Stamp read = Stamp.NONE;
    private boolean more;

    private FileSource(Path file, boolean json, String method) {
        this.file = file;
        this.tail = new Tail(file);
        this.json = json;
        this.method = method;
    }

    static FileSource ofJsonLines(Path file) {
        return new FileSource(file, true, "");
    }

    static FileSource ofReadings(Path csv) {
        return new FileSource(csv, false, "");
    }

    static FileSource ofMethod(Path trainingCsv, String method) {
        return new FileSource(trainingCsv, false, method);
    }

    @Override
    public Object id() {
        return file;
    }

    @Override
    public Stamp look() {
        return Stamp.of(file);
    }

    @Override
    public boolean read(Stamp now, long budget, Readings to) {
        if (!more && now.equals(read)) {
            return false;
        }
        try {
            more = tail.read(budget, new Tail.Lines() {
                @Override
                public void restart() {
                    csv = new CsvRows();
                    to.restart();
                }

                @Override
                public void line(String text) {
                    take(text, to);
                }

                @Override
                public void leftOut() {
                    to.leftOut();
                }
            });
            read = now;
        } catch (IOException e) {
            more = false; // gone, or not ours to read; the next time says
        }
        return more;
    }

    private void take(String line, Readings to) {
        if (json) {
            JsonLines.reading(line).ifPresentOrElse(to, () -> {
                if (JsonLines.name(line).isEmpty()) {
                    to.leftOut();
                }
            });
            return;
        }
        boolean headed = !csv.columns().isEmpty();
        Optional<Row> row = csv.cells(line)
                .filter(cells -> method.isEmpty() || method.equals(cells.get("method")))
                .flatMap(cells -> method.isEmpty() ? CsvRows.reading(cells) : CsvRows.evaluation(cells));
        if (row.isPresent()) {
            to.accept(row.get());
        } else if (headed && method.isEmpty()) {
            to.leftOut();
        }
    }

    @Override
    public void forget() {
        tail.forget();
        csv = new CsvRows();
        read = Stamp.NONE;
        more = false;
    }
}
