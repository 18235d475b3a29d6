package io.github.dl4jngd.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a program has measured, as Markdown: printed, and with {@code -Dbenchmarks.write} put into its section of the
 * page of results, so that no figure there is copied by hand. A section stands between {@code <!-- NAME -->} and
 * {@code <!-- /NAME -->}.
 */
final class Report {

    private static final Path PAGE = Path.of("..", "docs", "benchmarks.md");

    private static final int LONGEST_LINE = 120;

    private final String section;
    private final List<String> lines = new ArrayList<>();

    /** A report of a program, by the command that prints it. */
    Report(Class<?> program, String command) {
        section = program.getSimpleName();
        lines.add("```sh");
        lines.add(command);
        lines.add("```");
        paragraph(LocalDate.now() + ", " + machine() + ".");
    }

    /** Prose, broken into lines that fit. */
    void paragraph(String text) {
        lines.add("");
        StringBuilder line = new StringBuilder();
        for (String word : text.split("\\s+", -1)) {
            if (line.length() + 1 + word.length() > LONGEST_LINE) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
    }

    void table(List<String> header, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>(rows);
        all.add(0, header);
        int[] widths = IntStream.range(0, header.size())
                .map(column -> all.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        lines.add("");
        lines.add(line(header, widths));
        lines.add(IntStream.of(widths)
                .mapToObj(width -> "-".repeat(Math.max(3, width)))
                .collect(Collectors.joining(" | ", "| ", " |")));
        rows.forEach(row -> lines.add(line(row, widths)));
    }

    private static String line(List<String> cells, int[] widths) {
        return IntStream.range(0, widths.length)
                .mapToObj(i -> String.format(Locale.ROOT, "%-" + Math.max(3, widths[i]) + "s", cells.get(i)))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }

    /** Prints it, and puts it into the page where that is asked for. */
    void publish() {
        String text = String.join("\n", lines);
        System.out.println("\n" + text);
        if (System.getProperty("benchmarks.write") == null) {
            return;
        }
        try {
            String page = Files.readString(PAGE);
            String opening = "<!-- " + section + " -->";
            int from = page.indexOf(opening);
            int to = page.indexOf("<!-- /" + section + " -->");
            if (from < 0 || to < from) {
                throw new IllegalStateException(PAGE + " has no section " + opening + " … <!-- /" + section + " -->");
            }
            Files.writeString(
                    PAGE,
                    page.substring(0, from + opening.length()) + "\n" + text + "\n" + page.substring(to),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its processors, system and Java. */
    private static String machine() {
        return Runtime.getRuntime().availableProcessors() + " cores" + processor() + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", Java "
                + Runtime.version().feature()
                + String.format(
                        Locale.ROOT,
                        ", load average %.1f at the end",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String processor() {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return "";
        }
        try {
            List<String> info = Files.readAllLines(file);
            String name = value(info, "model name").orElse("unknown");
            return " of " + name + " (family " + value(info, "cpu family").orElse("?") + ", model "
                    + value(info, "model").orElse("?")
                    + (value(info, "flags").orElse("").contains("avx512f") ? ", AVX-512)" : ")");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> value(List<String> info, String key) {
        return info.stream()
                .filter(line -> line.split(":", -1)[0].strip().equals(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }
}
