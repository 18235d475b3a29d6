package io.github.dl4jngd.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What executors said of themselves.
 *
 * @param executors one line each, in the order of their names
 */
public record ExecutorReport(List<Executor> executors) {

    /**
     * Copies the list.
     *
     * @param executors one line each
     */
    public ExecutorReport {
        executors = List.copyOf(executors);
    }

    /**
     * One process.
     *
     * @param name as Spark calls it
     * @param host where it runs
     * @param process its id there
     * @param java the version
     * @param backend the class of ND4J's back end
     * @param blas the vendor of its matrix products
     * @param blasThreads how many threads a matrix product has
     * @param kernels OPENBLAS_CORETYPE, or "chosen by OpenBLAS"
     * @param heap the largest heap, bytes
     * @param offHeap the largest memory outside of it, JavaCPP's maxbytes
     * @param library the file that ND4J is loaded from, with its version
     */
    public record Executor(
            String name,
            String host,
            long process,
            String java,
            String backend,
            String blas,
            int blasThreads,
            String kernels,
            long heap,
            long offHeap,
            String library) {}

    /**
     * What does not go together.
     *
     * @return sentences, each with what to do; empty where everything does
     */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        different(
                "back ends",
                executors.stream().map(Executor::backend).distinct().toList(),
                warnings);
        different(
                "versions of ND4J",
                executors.stream().map(Executor::library).distinct().toList(),
                warnings);
        different(
                "OpenBLAS kernels",
                executors.stream().map(Executor::kernels).distinct().toList(),
                warnings);
        different(
                "numbers of BLAS threads",
                executors.stream()
                        .map(executor -> String.valueOf(executor.blasThreads()))
                        .distinct()
                        .toList(),
                warnings);
        return List.copyOf(warnings);
    }

    private static void different(String what, List<String> found, List<String> warnings) {
        if (found.size() > 1) {
            warnings.add("Executors have different " + what + ": " + String.join(", ", found)
                    + "; sums then have other bits wherever a task runs. Set spark.executorEnv.OMP_NUM_THREADS and "
                    + "spark.executorEnv.OPENBLAS_CORETYPE, and give all the same class path");
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Executor e : executors) {
            text.append(String.format(
                    Locale.ROOT,
                    "executor %s on %s (process %d): Java %s, %s, %s, %s with %d threads, kernels %s, heap %d MB, off-heap %d MB%n",
                    e.name(),
                    e.host(),
                    e.process(),
                    e.java(),
                    e.library(),
                    e.backend(),
                    e.blas(),
                    e.blasThreads(),
                    e.kernels(),
                    e.heap() >> 20,
                    e.offHeap() >> 20));
        }
        warnings().forEach(warning -> text.append(warning).append(System.lineSeparator()));
        return text.toString();
    }
}
