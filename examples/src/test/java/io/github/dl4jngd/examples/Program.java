package io.github.dl4jngd.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs programs and reads what they print. */
final class Program {

    /** The folder of the project; tests run in that of the module. */
    static final Path PROJECT = Path.of("..");

    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?(e[-+]?\\d+)?", Pattern.CASE_INSENSITIVE);

    private Program() {}

    /** A program's {@code main}. */
    @FunctionalInterface
    interface Main {

        void run(String[] args) throws Exception;
    }

    /** What the program prints, line by line. */
    static List<String> run(Main main) throws Exception {
        PrintStream before = System.out;
        Locale locale = Locale.getDefault();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            Locale.setDefault(Locale.ROOT);
            main.run(new String[0]);
        } finally {
            System.setOut(before);
            Locale.setDefault(locale);
        }
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** The numbers in a line, in their order. */
    static double[] numbers(String line) {
        return NUMBER.matcher(line)
                .results()
                .mapToDouble(match -> Double.parseDouble(match.group()))
                .toArray();
    }

    /** The numbers of the first line that has a text. */
    static double[] numbers(List<String> lines, String text) {
        return lines.stream()
                .filter(line -> line.contains(text))
                .findFirst()
                .map(Program::numbers)
                .orElseThrow(() -> new AssertionError("No line has \"" + text + "\": " + String.join("\n", lines)));
    }

    /** The source files of all programs. */
    static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/java/io/github/dl4jngd/examples"))) {
            return files.filter(file -> !file.endsWith("package-info.java"))
                    .sorted()
                    .toList();
        }
    }

    /** A program's source without what depends on where it lies. */
    static String sourceToPaste(Path source) throws IOException {
        String text = Files.readString(source);
        return text.substring(text.indexOf("import "));
    }
}
