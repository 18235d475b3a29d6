package io.github.dl4jngd.dashboard.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Runs, wherever their readings are. Safe for several threads. */
abstract class Runs {

    /** Bytes that are read for one answer. */
    static final long BUDGET = 32L << 20;

    private static final long BETWEEN_SCANS = Duration.ofMillis(500).toNanos();
    private static final long KEPT = Duration.ofMinutes(2).toNanos();

    private final Map<String, Run> runs = new LinkedHashMap<>();
    private long scanned;
    private boolean scannedOnce;

    /** Where the runs are, for people. */
    abstract String place();

    /** Takes what is new into {@link #run}s. */
    abstract void find();

    /** What {@code ngd train} says of a run; empty where it says nothing. */
    abstract Optional<JsonNode> report(Run run);

    /** Whether there is more than is looked at. */
    abstract boolean tooMany();

    /** The run of a name that none has twice. */
    final Run run(String name) {
        return runs.computeIfAbsent(name, key -> new Run(runs.size(), key));
    }

    /** All runs that have a source, the one that changed last first. */
    final synchronized List<Run> runs() {
        scan();
        return runs.values().stream()
                .filter(Run::exists)
                .sorted(Comparator.comparingLong(Run::modified)
                        .thenComparing(Run::number)
                        .reversed())
                .toList();
    }

    /** What is done with a run while nobody else does anything with it. */
    interface Use<T> {
        T of(Run run) throws IOException;
    }

    /** Reads on in the sources of a run, and uses it; empty where there is none of that number. */
    final synchronized <T> Optional<T> use(int number, Use<T> use) throws IOException {
        scan();
        Optional<Run> found = runs.values().stream()
                .filter(run -> run.number() == number && run.exists())
                .findFirst();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        found.get().read(BUDGET);
        return Optional.of(use.of(found.get()));
    }

    private void scan() {
        if (scannedOnce && System.nanoTime() - scanned < BETWEEN_SCANS) {
            return;
        }
        find();
        for (Run run : runs.values()) {
            run.look();
            run.forgetUnlessAskedWithin(KEPT);
        }
        scanned = System.nanoTime();
        scannedOnce = true;
    }
}
