package io.github.dl4jngd.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
        print(System.out, milliseconds);
        System.out.printf(
                Locale.ROOT, "%n%-52s %9s %9s %9s %5s%n", "peak memory, megabytes", "process", "heap", "GC ms", "GCs");
        for (String line : Files.readAllLines(memory)) {
            System.out.printf(Locale.ROOT, "%-52s %9s %9s %9s %5s%n", (Object[]) line.split(",", -1));
        }
        Files.delete(memory);
    }

    private static void print(PrintStream out, Map<String, Double> milliseconds) {
        out.printf(
                Locale.ROOT,
                "%n%-52s %10s   %-34s %10s %8s %8s %6s%n",
                "benchmark",
                "ms",
                "against",
                "ms",
                "ratio",
                "at most",
                "aim");
        for (Row row : Row.ALL) {
            Double measured = milliseconds.get(row.measured());
            Double reference = milliseconds.get(row.reference());
            if (measured != null && reference != null) {
                double ratio = measured / reference;
                out.printf(
                        Locale.ROOT,
                        "%-52s %10.1f   %-34s %10.1f %8.3f %8.2f %6.2f  %s%n",
                        row.title(),
                        measured,
                        row.against(),
                        reference,
                        ratio,
                        row.most(),
                        row.aim(),
                        ratio <= row.aim() ? "aim met" : ratio <= row.most() ? "met" : "NOT MET");
            }
        }
    }
}
