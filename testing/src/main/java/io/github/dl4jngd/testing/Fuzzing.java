package io.github.dl4jngd.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;

/**
 * Gives a reader damaged input, many times. Every time the reader must refuse it with an exception of a documented kind
 * or read something correct, soon and in little memory.
 */
public final class Fuzzing {

    /** Small inputs all: what takes more believed a number in them. */
    private static final long MOST_ALLOCATED = 32L << 20;
    /** Milliseconds at most, but for machines that are busy with other things. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    /** What reports its figures; a short run is silent. */
    private static final int FULL_RUN = 1_000;

    private static final long SEED = 1;
    private static final int LONGEST_SHOWN = 600;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Makes input. */
    @FunctionalInterface
    public interface Input {
        /** One input; it is sound where the damage is none. */
        byte[] damagedBy(Damage damage) throws Exception;
    }

    /** Damages a part of the input. */
    @FunctionalInterface
    public interface Damage {
        /** A damaged copy. */
        byte[] on(byte[] sound);
    }

    /** What is tested. */
    @FunctionalInterface
    public interface Reader {
        /** Reads, and asserts of what it read that it is correct. */
        void read(byte[] input) throws Exception;
    }

    private final String name;
    private final Input input;
    private final Reader reader;
    private final Class<? extends Exception> refusal;

    /**
     * A reader and its input.
     *
     * @param name of the reader and what of its input is damaged
     * @param input makes input
     * @param reader reads it
     * @param refusal the exception that the reader documents
     */
    public Fuzzing(String name, Input input, Reader reader, Class<? extends Exception> refusal) {
        this.name = name;
        this.input = input;
        this.reader = reader;
        this.refusal = refusal;
    }

    /** Reads so many inputs; a full run prints a line of what became of them. */
    public void run(int mutations) throws Exception {
        reader.read(input.damagedBy(byte[]::clone));
        int refused = 0;
        long most = 0;
        long start = System.nanoTime();
        for (int i = 0; i < mutations; i++) {
            Mutator mutator = new Mutator(SEED + i);
            byte[] damaged = input.damagedBy(mutator::mutate);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            long began = System.nanoTime();
            try {
                if (!accepts(damaged)) {
                    refused++;
                }
            } catch (Throwable e) { // errors too: of assertions, of the stack and of memory
                throw new AssertionError(describe(SEED + i, damaged), e);
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            most = Math.max(most, allocated);
            if (allocated > MOST_ALLOCATED || System.nanoTime() - began > LONGEST.toNanos()) {
                throw new AssertionError(describe(SEED + i, damaged) + ": allocated " + allocated + " bytes in "
                        + (System.nanoTime() - began) / 1_000_000 + " ms");
            }
        }
        if (mutations >= FULL_RUN) {
            System.out.printf(
                    Locale.ROOT,
                    "fuzzed %s: %d mutations, %d refused, %d accepted, %.1f s, at most %.1f MiB allocated%n",
                    name,
                    mutations,
                    refused,
                    mutations - refused,
                    (System.nanoTime() - start) / 1e9,
                    most / 1048576.0);
        }
    }

    private boolean accepts(byte[] damaged) throws Exception {
        try {
            reader.read(damaged);
            return true;
        } catch (Exception e) {
            if (!refusal.isInstance(e)) {
                throw e;
            }
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("refused without a reason", e);
            }
            return false;
        }
    }

    private String describe(long seed, byte[] damaged) {
        String bytes = Base64.getEncoder().encodeToString(damaged);
        return "%s, seed %d, %d bytes: %s"
                .formatted(
                        name,
                        seed,
                        damaged.length,
                        bytes.length() <= LONGEST_SHOWN ? bytes : bytes.substring(0, LONGEST_SHOWN) + "…");
    }

    @Override
    public String toString() {
        return name;
    }
}
