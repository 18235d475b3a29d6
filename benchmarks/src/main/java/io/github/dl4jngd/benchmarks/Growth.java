package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.Method;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * How the time and memory of each method's step grow with width, depth, the minibatch and the classes, beside the
 * exponent of the part that dominates for large sizes. Prints a table for each.
 */
public final class Growth {

    private static final int WIDTH = 512;
    private static final int DEPTH = 3;
    private static final int SAMPLES = 64;
    private static final int CLASSES = 10;
    private static final int FEW_SAMPLES = 20;
    private static final double DAMPING = 1;
    private static final double MEGABYTE = 1 << 20;

    /** How the names of the natural gradient's workspaces begin. */
    private static final List<String> OWN = List.of("NATURAL_GRADIENT", "FISHER_SCRATCH");

    private Growth() {}

    /** A network and a minibatch. */
    private record Size(int width, int depth, int samples, int classes) {

        MultiLayerNetwork network() {
            return Networks.perceptron(width, depth, classes, new Sgd(1e-6));
        }

        DataSet data() {
            return Networks.rows(samples, classes);
        }
    }

    /** What is measured: the natural gradient's own time in its fastest step. */
    private record Candidate(String title, int steps, NaturalGradientConfiguration configuration) {

        static Candidate of(Method method) {
            return new Candidate(
                    method.toString(), 4, method.builder().damping(DAMPING).build());
        }

        /** Bytes of factors and inverses, two of each for every layer, in float32. */
        double kept(Size size) {
            if (Method.of(configuration) != Method.KFAC) {
                return 0;
            }
            double numbers = 0;
            for (int layer = 1; layer <= size.depth(); layer++) {
                double in = 1 + (layer == 1 ? Networks.PIXELS : size.width());
                double out = layer == size.depth() ? size.classes() : size.width();
                numbers += 2 * (in * in + out * out);
            }
            return Float.BYTES * numbers;
        }
    }

    /** The rows of every table. */
    private static final List<Candidate> CANDIDATES = List.of(
            new Candidate(
                    "K-FAC, a step between updates",
                    6,
                    Kfac.builder().gradualStart(false).build()),
            new Candidate(
                    "K-FAC, a step with new factors and inverses",
                    4,
                    Kfac.builder().factorInterval(1).inverseInterval(1).build()),
            Candidate.of(Method.UNIT_WISE),
            Candidate.of(Method.LAYER_WISE),
            Candidate.of(Method.EXACT));

    /** Milliseconds of the fastest step, and megabytes of its temporary arrays and of what K-FAC keeps. */
    private record Cost(double milliseconds, double megabytes) {

        static Cost of(Candidate candidate, Size size) {
            MultiLayerNetwork network = size.network();
            DataSet data = size.data();
            network.fit(data);
            double best = Double.POSITIVE_INFINITY;
            try (NaturalGradient attached = NaturalGradient.attach(network, candidate.configuration())) {
                for (int step = 0; step < candidate.steps(); step++) {
                    network.fit(data);
                    best = Math.min(
                            best, attached.lastDiagnostics().orElseThrow().milliseconds());
                }
                return new Cost(best, (temporary() + candidate.kept(size)) / MEGABYTE);
            }
        }

        /** ND4J's workspaces of this thread, but those of Deeplearning4j. */
        private static double temporary() {
            return Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread().stream()
                    .filter(workspace -> OWN.stream().anyMatch(workspace.getId()::startsWith))
                    .mapToLong(MemoryWorkspace::getCurrentSize)
                    .sum();
        }
    }

    /** How steep a candidate's time should become: the exponent of the part that dominates for large sizes. */
    private record Expected(Candidate candidate, double exponent) {}

    /** A table: what grows, its values, and the sizes that go with them. */
    private record Sweep(String title, List<Integer> values, IntFunction<Size> size, List<Expected> candidates) {

        /** Milliseconds at every value, the exponent of the last three, the expected one, and megabytes. */
        void addTo(Report report) {
            List<String> header = new ArrayList<>(List.of(title));
            values.forEach(value -> header.add(value + ": ms"));
            header.addAll(List.of("exponent", "theory", "megabytes"));
            List<List<String>> rows = new ArrayList<>();
            for (Expected expected : candidates) {
                List<Cost> costs = values.stream()
                        .map(value -> Cost.of(expected.candidate, size.apply(value)))
                        .toList();
                List<String> row = new ArrayList<>(List.of(expected.candidate.title()));
                costs.forEach(cost -> row.add(String.format(Locale.ROOT, "%.1f", cost.milliseconds())));
                row.add(String.format(
                        Locale.ROOT,
                        "%.2f",
                        slope(values, costs.stream().map(Cost::milliseconds).toList())));
                row.add(String.format(Locale.ROOT, "%.1f", expected.exponent));
                row.add(costs.stream()
                        .map(cost -> String.format(Locale.ROOT, "%.0f", cost.megabytes()))
                        .collect(Collectors.joining(" ")));
                rows.add(row);
            }
            report.table(header, rows);
        }
    }

    /** Of the logarithms of the last three points. */
    private static double slope(List<Integer> x, List<Double> y) {
        int last = x.size() - 1;
        return Math.log(y.get(last) / y.get(last - 2)) / Math.log((double) x.get(last) / x.get(last - 2));
    }

    /**
     * Prints the tables.
     *
     * @param args none
     * @throws IOException when a process with other kernels cannot be started
     * @throws InterruptedException when interrupted
     */
    public static void main(String... args) throws IOException, InterruptedException {
        FreshProcess.ensure(Growth.class, args);
        // a first run of everything, which loads and compiles
        for (Candidate candidate : CANDIDATES) {
            Cost.of(candidate, new Size(64, 2, 16, 2));
        }
        Report report = new Report(Growth.class, "./mvnw -Pbenchmarks verify -DskipTests -Dbenchmarks.class=Growth");
        report.paragraph(
                "Each method's own time in its fastest step; its temporary arrays, as large as its most expensive step made them, and its factors, in mebibytes.");
        sweeps().forEach(sweep -> sweep.addTo(report));
        report.publish();
    }

    private static List<Sweep> sweeps() {
        return List.of(
                new Sweep(
                        "width, " + DEPTH + " layers, N = " + SAMPLES + ", two classes",
                        List.of(256, 512, 1024, 2048, 4096),
                        width -> new Size(width, DEPTH, SAMPLES, 2),
                        expected(2, 3, 2, 2, 2)),
                new Sweep(
                        "layers of width " + WIDTH + ", N = " + SAMPLES + ", two classes",
                        List.of(2, 4, 8, 16),
                        depth -> new Size(WIDTH, depth, SAMPLES, 2),
                        expected(1, 1, 1, 1, 1)),
                new Sweep(
                        "N C, " + CLASSES + " classes, width " + WIDTH,
                        List.of(100, 400, 1000, 2000, 4000),
                        count -> new Size(WIDTH, DEPTH, count / CLASSES, CLASSES),
                        expected(1, 1, 3, 3, 3)),
                new Sweep(
                        "classes, N = " + FEW_SAMPLES + ", width " + WIDTH,
                        List.of(2, 10, 50, 200),
                        count -> new Size(WIDTH, DEPTH, FEW_SAMPLES, count),
                        expected(0, 0, 1, 3, 3)));
    }

    /** One exponent a candidate, in their order. */
    private static List<Expected> expected(double... exponents) {
        if (exponents.length != CANDIDATES.size()) {
            throw new IllegalArgumentException(CANDIDATES.size() + " candidates, " + exponents.length + " exponents");
        }
        return IntStream.range(0, exponents.length)
                .mapToObj(i -> new Expected(CANDIDATES.get(i), exponents[i]))
                .toList();
    }
}
