package io.github.dl4jngd.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Benchmarks that leave behind what memory their process took. */
@State(Scope.Thread)
public abstract class Measured {

    /** Where lines of memory go. */
    static final String FILE = "ngd.benchmarks.memory";

    private static final double MEGABYTE = 1 << 20;

    /** For subclasses. */
    protected Measured() {}

    /**
     * Writes a line: the benchmark, peak resident memory, peak heap, milliseconds and number of garbage collections.
     *
     * @param benchmark which
     */
    @TearDown(Level.Trial)
    public void memory(BenchmarkParams benchmark) {
        String file = System.getProperty(FILE);
        if (file == null) {
            return;
        }
        double heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .map(MemoryPoolMXBean::getPeakUsage)
                        .mapToDouble(usage -> (double) usage.getUsed())
                        .sum()
                / MEGABYTE;
        long milliseconds = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
        long collections = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
        try {
            String line = String.format(
                    Locale.ROOT,
                    "%s,%.0f,%.0f,%d,%d%n",
                    key(benchmark.getBenchmark(), benchmark, benchmark.getParamsKeys()),
                    ProcessMemory.peak(),
                    heap,
                    milliseconds,
                    collections);
            Files.writeString(
                    Path.of(file), line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Such as {@code PerceptronSteps.steps KFAC}. */
    static String key(String benchmark, BenchmarkParams parameters, Collection<String> names) {
        String shown = benchmark.substring(benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1) + 1);
        String values = names.stream().map(parameters::getParam).collect(Collectors.joining(" "));
        return (shown + " " + values).strip();
    }
}
