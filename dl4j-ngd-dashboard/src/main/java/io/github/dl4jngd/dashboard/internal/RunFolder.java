package io.github.dl4jngd.dashboard.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.shade.jackson.databind.JsonNode;

/**
 * The runs in a folder and in its sub-folders, one level deep: {@code *.jsonl}, CSV files of listeners, and the
 * {@code training.csv} and {@code run.json} of {@code ngd train}. Files called {@code sharpness-NAME} and
 * {@code isotropy-NAME} and the method NAME of a {@code training.csv} are one run. Only regular files are read, and
 * links are not followed. Safe for several threads.
 */
final class RunFolder extends Runs {

    private static final Pattern FILE = Pattern.compile("(?:(?:sharpness|isotropy)-)?(.+)\\.(jsonl|csv)");
    private static final String REPORT = "run.json";

    /** Entries of a folder that are looked at. */
    private static final int MOST_FILES = 5_000;

    private static final int MOST_FOLDERS = 500;
    private static final int LARGEST_REPORT = 1 << 20;

    private final Path root;
    private final Map<Integer, Path> folders = new HashMap<>();
    private final Map<Path, Header> headers = new HashMap<>();
    private final Map<Path, Methods> methods = new HashMap<>();
    private final Map<Path, Report> reports = new HashMap<>();
    private boolean tooMany;

    /**
     * Opens a folder.
     *
     * @throws IOException when it is none or cannot be read
     */
    RunFolder(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        root = folder.toRealPath();
    }

    @Override
    String place() {
        return root.toString();
    }

    @Override
    synchronized boolean tooMany() {
        return tooMany;
    }

    @Override
    synchronized Optional<JsonNode> report(Run run) {
        Path file = folders.get(run.number()).resolve(REPORT);
        Stamp stamp = Stamp.of(file);
        Report known = reports.get(file);
        if (known == null || !known.stamp.equals(stamp)) {
            known = new Report(stamp, read(file, stamp));
            reports.put(file, known);
        }
        return known.content;
    }

    private static Optional<JsonNode> read(Path file, Stamp stamp) {
        if (stamp.size() < 0 || stamp.size() > LARGEST_REPORT) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return JsonLines.object(new String(in.readNBytes(LARGEST_REPORT), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    void find() {
        tooMany = false;
        List<Path> subfolders = new ArrayList<>();
        scan(root, "", subfolders);
        subfolders.forEach(folder -> scan(folder, folder.getFileName() + "/", null));
    }

    /** Finds the files of a folder, and its sub-folders where they are wanted. */
    private void scan(Path folder, String prefix, List<Path> subfolders) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (FILE.matcher(entry.getFileName().toString()).matches()) {
                    files.add(entry);
                } else if (subfolders != null && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    subfolders.add(entry);
                }
                if (files.size() > MOST_FILES || (subfolders != null && subfolders.size() > MOST_FOLDERS)) {
                    tooMany = true;
                    break;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // gone, or not ours to read
        }
        files.sort(Comparator.naturalOrder());
        Set<Path> names = new LinkedHashSet<>(files);
        for (Path file : files) {
            Stamp stamp = Stamp.of(file);
            if (stamp.size() >= 0) {
                take(file, stamp, prefix, names);
            }
        }
    }

    private void take(Path file, Stamp stamp, String prefix, Set<Path> beside) {
        String name = file.getFileName().toString();
        Matcher matcher = FILE.matcher(name);
        if (!matcher.matches()) {
            return;
        }
        String stem = matcher.group(1);
        if (name.endsWith(".jsonl")) {
            Run run = run(file.getParent(), prefix, stem);
            run.add(FileSource.ofJsonLines(file));
            header(file, stamp).runName().ifPresent(given -> run.rename(prefix + given));
            return;
        }
        switch (header(file, stamp).form()) {
            case READINGS -> {
                String sameAsLines = name.substring(0, name.length() - ".csv".length()) + ".jsonl";
                if (!beside.contains(file.resolveSibling(sameAsLines))) {
                    run(file.getParent(), prefix, stem).add(FileSource.ofReadings(file));
                }
            }
            case TRAINING ->
                methods.computeIfAbsent(file, Methods::new).names(stamp).forEach(method -> run(
                                file.getParent(), prefix, method)
                        .add(FileSource.ofMethod(file, method)));
            default -> {}
        }
    }

    private Run run(Path folder, String prefix, String name) {
        Run run = run(prefix + name);
        folders.put(run.number(), folder);
        return run;
    }

    private Header header(Path file, Stamp stamp) {
        Header known = headers.get(file);
        if (known == null || !known.holds(stamp)) {
            known = Header.of(file, stamp);
            headers.put(file, known);
        }
        return known;
    }

    /** What was read of a {@code run.json}. */
    private record Report(Stamp stamp, Optional<JsonNode> content) {}

    /**
     * What the first line of a file says.
     *
     * @param stamp of the file when it was read
     * @param complete whether the file had a whole one
     * @param form of a CSV file
     * @param runName what a file of JSON lines calls its run, where that is not its own name
     */
    private record Header(Stamp stamp, boolean complete, CsvRows.Form form, Optional<String> runName) {

        private static final int LONGEST = 1 << 16;

        static Header of(Path file, Stamp stamp) {
            String text = "";
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                text = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
            } catch (IOException e) {
                // gone, or not ours to read: it has no header
            }
            if (file.toString().endsWith(".jsonl")) {
                int end = text.indexOf('\n');
                return new Header(
                        stamp,
                        end >= 0,
                        CsvRows.Form.OTHER,
                        end >= 0 ? JsonLines.name(text.substring(0, end)) : Optional.empty());
            }
            CsvRows rows = new CsvRows();
            // the last piece has no line feed yet
            String[] lines = text.split("\n", -1);
            for (int i = 0; i < lines.length - 1 && rows.columns().isEmpty(); i++) {
                rows.cells(lines[i].endsWith("\r") ? lines[i].substring(0, lines[i].length() - 1) : lines[i]);
            }
            return new Header(stamp, !rows.columns().isEmpty(), CsvRows.form(rows.columns()), Optional.empty());
        }

        /** A whole first line stays what it is while the file grows. */
        boolean holds(Stamp now) {
            return now.equals(stamp) || (complete && now.key().equals(stamp.key()) && now.size() >= stamp.size());
        }
    }

    /** The methods that a {@code training.csv} has rows of. */
    private static final class Methods {

        private final Tail tail;
        private final Set<String> names = new LinkedHashSet<>();
        private CsvRows rows = new CsvRows();
        private Stamp read = Stamp.NONE;

        Methods(Path file) {
            tail = new Tail(file);
        }

        Set<String> names(Stamp stamp) {
            if (!stamp.equals(read)) {
                try {
                    tail.read(BUDGET, new Tail.Lines() {
                        @Override
                        public void restart() {
                            rows = new CsvRows();
                            names.clear();
                        }

                        @Override
                        public void line(String text) {
                            rows.cells(text).map(cells -> cells.get("method")).ifPresent(names::add);
                        }

                        @Override
                        public void leftOut() {}
                    });
                    read = stamp;
                } catch (IOException e) {
                    return Set.of();
                }
            }
            return names;
        }
    }
}
