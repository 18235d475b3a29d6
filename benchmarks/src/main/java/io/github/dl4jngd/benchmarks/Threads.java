package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.benchmarks.Probe.Measure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the settings of OpenBLAS's and OpenMP's threads cost: dense and convolutional steps and Fisher-vector products,
 * on a quiet machine and beside a program that keeps every core busy.
 */
public final class Threads {

    private static final List<Measure> MEASURES = List.of(
            Measure.DENSE_SGD,
            Measure.DENSE_KFAC,
            Measure.DENSE_PRODUCT,
            Measure.CONVOLUTION_SGD,
            Measure.CONVOLUTION_KFAC,
            Measure.CONVOLUTION_PRODUCT);

    private static final List<String> HEADER = List.of(
            "settings",
            "dense Sgd",
            "dense K-FAC",
            "dense F·v",
            "convolutional Sgd",
            "convolutional K-FAC",
            "convolutional F·v",
            "worst ratio to the best");

    private static final List<Map<String, String>> SETTINGS = List.of(
            Map.of(),
            Map.of("OMP_WAIT_POLICY", "PASSIVE"),
            Map.of("OPENBLAS_THREAD_TIMEOUT", "4"),
            Map.of("OPENBLAS_THREAD_TIMEOUT", "4", "OMP_WAIT_POLICY", "PASSIVE"),
            Map.of("OPENBLAS_NUM_THREADS", "1", "OMP_WAIT_POLICY", "PASSIVE"));

    private Threads() {}

    /** Keeps a core busy until it is killed. */
    static final class Busy {

        private Busy() {}

        /**
         * Spins.
         *
         * @param args none
         */
        public static void main(String... args) {
            for (long i = 0; ; i++) {
                if (i == Long.MIN_VALUE) {
                    System.out.println(i);
                }
            }
        }
    }

    /**
     * Prints the tables.
     *
     * @param args {@code quiet}, {@code busy} or nothing for both
     * @throws IOException when a process cannot be started
     */
    public static void main(String... args) throws IOException {
        Report report = new Report(Threads.class, "./mvnw -Pbenchmarks verify -DskipTests -Dbenchmarks.class=Threads");
        report.paragraph(
                "Milliseconds a step of 784-512-512-10 and of conv16-conv16-bn-conv32/2-conv32-gap-dense with dl4j-onednn, batch 128,\n"
                        + "K-FAC without its gradual start; and of a product with the Fisher matrix.");
        if (args.length == 0 || args[0].equals("quiet")) {
            report.paragraph("Nothing else running:");
            report.table(HEADER, rows(measure(SETTINGS)));
        }
        if (args.length == 0 || args[0].equals("busy")) {
            List<Process> others = new ArrayList<>();
            try {
                for (int core = 0; core < Runtime.getRuntime().availableProcessors(); core++) {
                    others.add(
                            FreshProcess.start(Busy.class, System.getProperty("java.class.path"), Map.of(), List.of())
                                    .start());
                }
                report.paragraph("Beside " + others.size() + " other processes that never sleep, one a core:");
                report.table(HEADER, rows(measure(List.of(Map.of(), FreshProcess.THREADS_THAT_SLEEP))));
            } finally {
                others.forEach(Process::destroyForcibly);
            }
        }
        report.publish();
    }

    private static Map<Map<String, String>, Map<Measure, String>> measure(List<Map<String, String>> all) {
        Map<Map<String, String>, Map<Measure, String>> answers = new LinkedHashMap<>();
        for (Map<String, String> settings : all) {
            System.err.println(settings);
            answers.put(settings, Answers.of(System.getProperty("java.class.path"), settings, MEASURES));
        }
        return answers;
    }

    private static List<List<String>> rows(Map<Map<String, String>, Map<Measure, String>> answers) {
        List<List<String>> rows = new ArrayList<>();
        answers.forEach((settings, answer) -> {
            List<String> row = new ArrayList<>();
            row.add(
                    settings.isEmpty()
                            ? "none"
                            : settings.entrySet().stream()
                                    .sorted(Map.Entry.comparingByKey())
                                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                                    .reduce((a, b) -> a + " " + b)
                                    .orElseThrow());
            double worst = 0;
            for (Measure measure : MEASURES) {
                double milliseconds = Double.parseDouble(answer.get(measure));
                double best = answers.values().stream()
                        .mapToDouble(other -> Double.parseDouble(other.get(measure)))
                        .min()
                        .orElseThrow();
                worst = Math.max(worst, milliseconds / best);
                row.add(answer.get(measure));
            }
            row.add(String.format(Locale.ROOT, "%.2f", worst));
            rows.add(row);
        });
        return rows;
    }
}
