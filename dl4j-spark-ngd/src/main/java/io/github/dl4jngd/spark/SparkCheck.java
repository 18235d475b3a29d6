package io.github.dl4jngd.spark;

import java.net.InetAddress;
import java.security.CodeSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Asks a cluster's executors what they are, before anything is trained on them. Where none can start, as with a wrong
 * class path, Spark launches them again and again and never fails a job: the check has a deadline.
 */
public final class SparkCheck {

    private static final int TASKS_A_CORE = 4;
    private static final long TASK_MILLISECONDS = 50;

    private SparkCheck() {}

    /**
     * Runs a small job on all executors.
     *
     * @param spark the context
     * @param deadline how long executors have to answer; starting some takes half a minute
     * @return what they said
     * @throws IllegalStateException if none answered in time, or a task failed, with what to look at
     */
    public static ExecutorReport run(JavaSparkContext spark, Duration deadline) {
        String group = "dl4j-ngd-check-" + System.nanoTime();
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "spark-check");
            daemon.setDaemon(true);
            return daemon;
        });
        try {
            Future<List<ExecutorReport.Executor>> answers = thread.submit(() -> {
                spark.setJobGroup(group, "What executors are", true);
                return ask(spark);
            });
            return new ExecutorReport(answers.get(deadline.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            spark.cancelJobGroup(group);
            throw new IllegalStateException(
                    "No executor of " + spark.master() + " has worked within " + deadline.toSeconds() + " s ("
                            + registered(spark)
                            + " registered). Look at the executors' own log: a class path without this library, "
                            + "dl4j-nn and a native of their system lets them end as soon as they start, and Spark launches them again "
                            + "without end; so do too little memory for spark.executor.memory and a driver that they cannot reach",
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "A task that loads ND4J failed on an executor of " + spark.master() + ": "
                            + e.getCause().getMessage()
                            + ". Executors need the same class path as the driver, with a native of their system",
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            spark.cancelJobGroup(group);
            throw new IllegalStateException("Interrupted while waiting for executors", e);
        } finally {
            thread.shutdownNow();
        }
    }

    /** Without the driver's own entry, which Spark counts as well. */
    private static int registered(JavaSparkContext spark) {
        return spark.sc().getExecutorMemoryStatus().size() - 1;
    }

    private static List<ExecutorReport.Executor> ask(JavaSparkContext spark) {
        int tasks = TASKS_A_CORE * spark.defaultParallelism();
        List<String[]> answers = spark.parallelize(
                        IntStream.range(0, tasks).boxed().toList(), tasks)
                .map(task -> {
                    // so that one executor does not take all
                    Thread.sleep(TASK_MILLISECONDS);
                    return describe();
                })
                .collect();
        Map<String, ExecutorReport.Executor> byName = new TreeMap<>(Comparator.naturalOrder());
        for (String[] line : answers) {
            byName.put(
                    line[0],
                    new ExecutorReport.Executor(
                            line[0],
                            line[1],
                            Long.parseLong(line[2]),
                            line[3],
                            line[4],
                            line[5],
                            Integer.parseInt(line[6]),
                            line[7],
                            Long.parseLong(line[8]),
                            Long.parseLong(line[9]),
                            line[10]));
        }
        return List.copyOf(byName.values());
    }

    /** Of this process, as text that any serialiser takes. */
    private static String[] describe() throws java.io.IOException {
        String kernels = System.getenv("OPENBLAS_CORETYPE");
        return new String[] {
            SparkEnv.get().executorId(),
            InetAddress.getLocalHost().getHostName(),
            String.valueOf(ProcessHandle.current().pid()),
            System.getProperty("java.version"),
            Nd4j.getBackend().getClass().getSimpleName(),
            String.valueOf(Nd4j.factory().blas().getBlasVendor()),
            String.valueOf(Nd4j.factory().blas().getMaxThreads()),
            kernels == null ? "chosen by OpenBLAS" : kernels,
            String.valueOf(Runtime.getRuntime().maxMemory()),
            String.valueOf(Pointer.maxBytes()),
            version()
        };
    }

    /** The file that ND4J is loaded from, which has the version in its name. */
    private static String version() {
        CodeSource source = Nd4j.class.getProtectionDomain().getCodeSource();
        String path = source == null ? "unknown" : source.getLocation().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
