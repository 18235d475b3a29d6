package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.benchmarks.Probe.Measure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * ND4J's own OpenBLAS beside the one of {@code dl4j-openblas}: kernels, products, factorisations and whole training
 * steps, in processes that differ in nothing else.
 */
public final class OpenBlasComparison {

    private static final List<Measure> MEASURES = List.of(
            Measure.VERSION,
            Measure.KERNELS,
            Measure.SGEMM,
            Measure.DGEMM,
            Measure.POTRF,
            Measure.LARGE_SGD,
            Measure.LARGE_KFAC);

    /** Where training steps begin among the measures. */
    private static final int STEPS = MEASURES.indexOf(Measure.LARGE_SGD);

    private static final List<String> HEADER = List.of(
            "OpenBLAS",
            "told",
            "kernels",
            "sgemm, Gflop/s",
            "dgemm, Gflop/s",
            "`dpotrf` right",
            "DL4J's Sgd step, ms",
            "K-FAC step, ms",
            "Sgd, ratio",
            "K-FAC, ratio");

    private static final String NONE = "–";

    private OpenBlasComparison() {}

    /** One line: whose OpenBLAS, and the kernels that it is told to run, or none. */
    private record Variant(boolean nd4js, String kernels) {

        Map<Measure, String> measure() throws IOException {
            Map<String, String> environment = new TreeMap<>(FreshProcess.THREADS_THAT_SLEEP);
            if (!kernels.isEmpty()) {
                environment.put("OPENBLAS_CORETYPE", kernels);
            }
            String classPath =
                    nd4js ? FreshProcess.classPathWithNd4jsOpenBlas() : System.getProperty("java.class.path");
            // Steps on kernels that factorise wrongly would be those of the Java that stands in for them.
            List<Measure> asked = kernels.equals("SKYLAKEX") ? MEASURES.subList(0, STEPS) : MEASURES;
            return Answers.of(classPath, environment, asked);
        }
    }

    /**
     * Prints the table.
     *
     * @param args rounds, one without an argument: every variant is measured once in each, and the faster of its steps
     *     counts
     * @throws IOException when the jars of ND4J's OpenBLAS are not there
     */
    public static void main(String... args) throws IOException {
        int rounds = args.length == 0 ? 1 : Integer.parseInt(args[0]);
        List<Variant> variants = List.of(
                new Variant(true, ""),
                new Variant(true, "HASWELL"),
                new Variant(true, "SKYLAKEX"),
                new Variant(false, ""));
        Map<Variant, Map<Measure, String>> answers = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Variant variant : variants) {
                System.err.println(variant);
                answers.merge(variant, variant.measure(), Answers::faster);
            }
        }
        double sgd = Double.parseDouble(answers.get(variants.get(0)).get(Measure.LARGE_SGD));
        double kfac = Double.parseDouble(answers.get(variants.get(0)).get(Measure.LARGE_KFAC));
        List<List<String>> rows = new ArrayList<>();
        answers.forEach((variant, answer) -> {
            List<String> row = new ArrayList<>(List.of(
                    answer.get(Measure.VERSION) + (variant.nd4js ? " (ND4J's)" : " (dl4j-openblas)"),
                    variant.kernels.isEmpty() ? "nothing" : variant.kernels));
            MEASURES.subList(1, MEASURES.size()).forEach(measure -> row.add(answer.getOrDefault(measure, NONE)));
            row.add(ratio(answer.get(Measure.LARGE_SGD), sgd));
            row.add(ratio(answer.get(Measure.LARGE_KFAC), kfac));
            rows.add(row);
        });
        Report report = new Report(
                OpenBlasComparison.class,
                "./mvnw -Pbenchmarks verify -DskipTests -Dbenchmarks.class=OpenBlasComparison");
        report.paragraph(
                "Square products, means over sizes 1024 to 2048 of the best of eight; how many of 134 float64 Cholesky factorisations up to 400 are right;"
                        + " steps of 784-1024-1024-10 at\nbatch 256, K-FAC past its first thousand. Ratios are to the first row; rounds: "
                        + rounds + ".");
        report.table(HEADER, rows);
        report.publish();
    }

    private static String ratio(String milliseconds, double first) {
        return milliseconds == null
                ? NONE
                : String.format(Locale.ROOT, "%.2f", Double.parseDouble(milliseconds) / first);
    }
}
