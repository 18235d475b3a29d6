package io.github.dl4jngd.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the benchmarks and prints the table of ratios; an argument is a regular expression of those to run. */
public final class Benchmarks {

    private Benchmarks() {}

    /**
     * Runs them, in a process of the settings that the documentation recommends.
     *
     * @param args regular expressions; all benchmarks without any
     * @throws RunnerException when JMH fails
     * @throws IOException when processes or files fail
     * @throws InterruptedException when interrupted
     */
    public static void main(String... args) throws RunnerException, IOException, InterruptedException {
        FreshProcess.ensure(Benchmarks.class, args);
        Path memory = Files.createTempFile("ngd-memory", ".csv");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .mode(Mode.SingleShotTime)
                .timeUnit(TimeUnit.MILLISECONDS)
                .forks(1)
                .warmupIterations(1)
                .measurementIterations(3)
                .shouldFailOnError(true)
                .jvmArgsAppend(
                        "-Xmx2g",
                        "-Dorg.bytedeco.javacpp.maxbytes=6g",
                        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                        "-D" + Measured.FILE + "=" + memory);
        for (String arg : args.length == 0 ? new String[] {Benchmarks.class.getPackageName()} : args) {
            options.include(arg);
        }
        Map<String, Double> milliseconds = new LinkedHashMap<>();
        for (RunResult result : new Runner(options.build()).run()) {
            BenchmarkParams parameters = result.getParams();
            milliseconds.put(
                    Measured.key(parameters.getBenchmark(), parameters, parameters.getParamsKeys()),
                    result.getPrimaryResult().getScore());
        }
        Report report = new Report(Benchmarks.class, "./mvnw -Pbenchmarks verify -DskipTests");
        report.table(List.of("benchmark", "ms", "against", "ms", "ratio", "at most", "aim", ""), ratios(milliseconds));
        report.paragraph("Peak memory of each benchmark's process in megabytes, and what the garbage collector took:");
        report.table(
                List.of("benchmark", "process", "heap", "collection, ms", "collections"),
                Files.readAllLines(memory).stream()
                        .map(line -> List.of(line.split(",", -1)))
                        .toList());
        report.publish();
        Files.delete(memory);
    }

    private static List<List<String>> ratios(Map<String, Double> milliseconds) {
        List<List<String>> rows = new ArrayList<>();
        for (Row row : Row.ALL) {
            Double measured = milliseconds.get(row.measured());
            Double reference = milliseconds.get(row.reference());
            if (measured != null && reference != null) {
                double ratio = measured / reference;
                rows.add(List.of(
                        row.title(),
                        String.format(Locale.ROOT, "%.1f", measured),
                        row.against(),
                        String.format(Locale.ROOT, "%.1f", reference),
                        String.format(Locale.ROOT, "%.3f", ratio),
                        String.format(Locale.ROOT, "%.2f", row.most()),
                        String.format(Locale.ROOT, "%.2f", row.aim()),
                        ratio <= row.aim() ? "aim met" : ratio <= row.most() ? "met" : "not met"));
            }
        }
        return rows;
    }
}
