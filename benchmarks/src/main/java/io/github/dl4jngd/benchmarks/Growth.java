package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.ngd.ExactNaturalGradient;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.LayerWiseNaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.UnitWiseNaturalGradient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * How the time and memory of each method's step grow with width, depth, the minibatch and the classes, beside the exponent of the part
 * that dominates for large sizes. Prints a table for each.
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
    private enum Method {
        KFAC("K-FAC, a step between updates", 6) {
            @Override
            NaturalGradientConfiguration configuration() {
                return Kfac.builder().gradualStart(false).build();
            }
        },
        KFAC_UPDATES("K-FAC, a step with new factors and inverses", 4) {
            @Override
            NaturalGradientConfiguration configuration() {
                return Kfac.builder().factorInterval(1).inverseInterval(1).build();
            }
        },
        UNIT_WISE("unit-wise", 4) {
            @Override
            NaturalGradientConfiguration configuration() {
                return UnitWiseNaturalGradient.builder().damping(DAMPING).build();
            }
        },
        LAYER_WISE("layer-wise", 4) {
            @Override
            NaturalGradientConfiguration configuration() {
                return LayerWiseNaturalGradient.builder().damping(DAMPING).build();
            }
        },
        EXACT("exact", 4) {
            @Override
            NaturalGradientConfiguration configuration() {
                return ExactNaturalGradient.builder().damping(DAMPING).build();
            }
        };

        private final String title;
        private final int steps;

        Method(String title, int steps) {
            this.title = title;
            this.steps = steps;
        }

        abstract NaturalGradientConfiguration configuration();

        /** Bytes of factors and inverses, two of each for every layer, in float32. */
        double kept(Size size) {
            if (this != KFAC && this != KFAC_UPDATES) {
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

    /** Milliseconds of the fastest step, and megabytes of its temporary arrays and of what K-FAC keeps. */
    private record Cost(double milliseconds, double megabytes) {

        static Cost of(Method method, Size size) {
            MultiLayerNetwork network = size.network();
            DataSet data = size.data();
            network.fit(data);
            double best = Double.POSITIVE_INFINITY;
            try (NaturalGradient attached = NaturalGradient.attach(network, method.configuration(), size.samples())) {
                for (int step = 0; step < method.steps; step++) {
                    network.fit(data);
                    best = Math.min(
                            best, attached.lastDiagnostics().orElseThrow().milliseconds());
                }
                return new Cost(best, (temporary() + method.kept(size)) / MEGABYTE);
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

    /** One row: costs over sizes. */
    private static void row(Method method, List<Size> sizes, List<Integer> x, double theory) {
        List<Cost> costs = new ArrayList<>();
        for (Size size : sizes) {
            costs.add(Cost.of(method, size));
        }
        System.out.printf(
                Locale.ROOT,
                "%-46s %-44s %8.2f %8.1f   %s%n",
                method.title,
                costs.stream()
                        .map(cost -> String.format(Locale.ROOT, "%7.1f", cost.milliseconds()))
                        .collect(Collectors.joining(" ")),
                slope(x, costs.stream().map(Cost::milliseconds).toList()),
                theory,
                costs.stream()
                        .map(cost -> String.format(Locale.ROOT, "%6.0f", cost.megabytes()))
                        .collect(Collectors.joining(" ")));
    }

    /** Of the logarithms of the last three points. */
    private static double slope(List<Integer> x, List<Double> y) {
        int last = x.size() - 1;
        return Math.log(y.get(last) / y.get(last - 2)) / Math.log((double) x.get(last) / x.get(last - 2));
    }

    private static void header(String title, List<Integer> x) {
        System.out.printf(
                Locale.ROOT,
                "%n%s%n%-46s %-44s %8s %8s   %s%n",
                title,
                "milliseconds at",
                x.stream()
                        .map(value -> String.format(Locale.ROOT, "%7d", value))
                        .collect(Collectors.joining(" ")),
                "exponent",
                "theory",
                "megabytes");
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
        for (Method method : Method.values()) {
            Cost.of(method, new Size(64, 2, 16, 2));
        }
        List<Integer> widths = List.of(256, 512, 1024, 2048, 4096);
        header("width, " + DEPTH + " layers, N = " + SAMPLES + ", two classes", widths);
        List<Size> byWidth =
                widths.stream().map(width -> new Size(width, DEPTH, SAMPLES, 2)).toList();
        row(Method.KFAC, byWidth, widths, 2);
        row(Method.KFAC_UPDATES, byWidth, widths, 3);
        row(Method.UNIT_WISE, byWidth, widths, 2);
        row(Method.LAYER_WISE, byWidth, widths, 2);
        row(Method.EXACT, byWidth, widths, 2);
        List<Integer> depths = List.of(2, 4, 8, 16);
        header("layers of width " + WIDTH + ", N = " + SAMPLES + ", two classes", depths);
        List<Size> byDepth =
                depths.stream().map(depth -> new Size(WIDTH, depth, SAMPLES, 2)).toList();
        for (Method method : Method.values()) {
            row(method, byDepth, depths, 1);
        }
        List<Integer> rows = List.of(100, 400, 1000, 2000, 4000);
        header("N C, " + CLASSES + " classes, width " + WIDTH, rows);
        List<Size> byRows = rows.stream()
                .map(count -> new Size(WIDTH, DEPTH, count / CLASSES, CLASSES))
                .toList();
        row(Method.KFAC, byRows, rows, 1);
        row(Method.KFAC_UPDATES, byRows, rows, 1);
        row(Method.UNIT_WISE, byRows, rows, 3);
        row(Method.LAYER_WISE, byRows, rows, 3);
        row(Method.EXACT, byRows, rows, 3);
        List<Integer> classes = List.of(2, 10, 50, 200);
        header("classes, N = " + FEW_SAMPLES + ", width " + WIDTH, classes);
        List<Size> byClasses = classes.stream()
                .map(count -> new Size(WIDTH, DEPTH, FEW_SAMPLES, count))
                .toList();
        row(Method.KFAC, byClasses, classes, 0);
        row(Method.KFAC_UPDATES, byClasses, classes, 0);
        row(Method.UNIT_WISE, byClasses, classes, 1);
        row(Method.LAYER_WISE, byClasses, classes, 3);
        row(Method.EXACT, byClasses, classes, 3);
    }
}
