package io.github.dl4jngd.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process in megabytes as Linux counts it; NaN elsewhere. */
final class ProcessMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String CLEAR_PEAK = "5";

    private ProcessMemory() {}

    /** The largest resident memory since the start or the last reset. */
    static double peak() throws IOException {
        return field("VmHWM:");
    }

    /** Makes the present resident memory the peak, and returns it. */
    static double resetPeak() throws IOException {
        if (Files.isWritable(CLEAR)) {
            Files.writeString(CLEAR, CLEAR_PEAK);
        }
        return field("VmRSS:");
    }

    private static double field(String name) throws IOException {
        if (!Files.isReadable(STATUS)) {
            return Double.NaN;
        }
        return Files.readAllLines(STATUS).stream()
                        .filter(line -> line.startsWith(name))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(Double.NaN)
                / 1024;
    }
}
