package io.github.dl4jngd.cli.continual;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.options.DataOption;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.cli.report.CsvLog;
import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Progress;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.report.Table;
import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import io.github.dl4jngd.spectral.internal.chart.LinePlot.Axis;
import io.github.dl4jngd.spectral.internal.chart.Series;
import io.github.dl4jngd.transfer.AnchoredPenalty;
import io.github.dl4jngd.transfer.ContinualTraining;
import io.github.dl4jngd.transfer.ErrorMatrix;
import io.github.dl4jngd.transfer.StopRule;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ngd continual mnist}: a trained network that learns the same digits again from fresh, fewer images. */
@Command(
        name = "mnist",
        sortOptions = false,
        description = {
            "A perceptron learns MNIST from many images, and then again and again from fresh, fewer ones.",
            "",
            "All tasks are the ten digits, so nothing new is asked; the test error after each task says what the",
            "new images did to what was known: plainly, with a ridge around the last parameters, and with K-FAC's",
            "Fisher matrices of all tasks so far (elastic weight consolidation). Ours: ReLU, softmax, Adam 1e-3.",
            "Prints a table and writes mnist.csv, mnist.png and run.json.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ngd continual mnist --quick",
            "  ngd continual mnist --first 2000 --later 2000 --anchor none"
        })
public final class ContinualMnist implements Callable<Integer> {

    private static final double RATE = 1e-3;
    private static final int BATCH = 100;
    private static final int SMALL_BATCH = 20;
    private static final double LOSS = 1e-3;

    private final ImageSource images;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--first",
            paramLabel = "N",
            description = "Images of the first task. Default: 10000, with --quick 2000.")
    private Integer first;

    @Option(
            names = "--later",
            split = ",",
            paramLabel = "N",
            description = "Images of each later task, one run for each number. Default: 100,1000, with --quick 100.")
    private List<Integer> later = new ArrayList<>();

    @Option(names = "--tasks", paramLabel = "T", description = "Tasks in all. Default: 5, with --quick 3.")
    private Integer tasks;

    @Option(
            names = "--anchor",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "none,ridge,kfac",
            description = "Anchors, one run for each: none, ridge, kfac. Default: all three.")
    private List<String> anchors;

    @Option(
            names = "--ridge",
            paramLabel = "LAMBDA",
            defaultValue = "0.1",
            description = "The ridge's weight. Default: ${DEFAULT-VALUE}.")
    private double ridge;

    @Option(
            names = "--anchor-damping",
            paramLabel = "RHO",
            defaultValue = "1e-3",
            description = "The damping of K-FAC's anchor. Default: ${DEFAULT-VALUE}.")
    private double damping;

    @Option(
            names = "--width",
            paramLabel = "N",
            defaultValue = "256",
            description = "Units of both hidden layers. Default: ${DEFAULT-VALUE}.")
    private int width;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "Networks and choices of images to average over. Default: 3, with --quick 1.")
    private Integer seeds;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description =
                    "Most epochs of a task, which else ends at a training loss of 0.001. Default: 50, with --quick 20.")
    private Integer epochs;

    @Mixin
    private DataOption data;

    @Mixin
    private RunOptions run = new RunOptions(Precision.FLOAT);

    ContinualMnist() {
        this(ImageSource.of(ImageDataset.MNIST));
    }

    ContinualMnist(ImageSource images) {
        this.images = images;
    }

    /** The test errors after each task, over the seeds. */
    private record Curve(int later, String anchor, List<Measured> errors) {

        String name() {
            return later + " each" + (anchor.equals("none") ? "" : ", " + anchor);
        }
    }

    @Override
    public Integer call() throws IOException {
        run.atLeast(1, first, "--first");
        later.forEach(size -> run.atLeast(1, size, "--later"));
        run.atLeast(2, tasks, "--tasks");
        run.atLeast(1, width, "--width");
        run.atLeast(1, seeds, "--seeds");
        run.atLeast(1, epochs, "--epochs");
        for (String name : anchors) {
            if (!List.of("none", "ridge", "kfac").contains(name)) {
                throw run.wrong("--anchor", "'" + name + "' is none of none, ridge, kfac");
            }
        }
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        PrintWriter out = spec.commandLine().getOut();
        LoadedDataset loaded = images.load(data.folder(), run.seed());
        RunDirectory directory = run.directory(started);
        int largest = later().stream().mapToInt(Integer::intValue).max().orElseThrow();
        int needed = first() + (tasks() - 1) * largest;
        if (needed > loaded.train().count()) {
            throw run.wrong(
                    "--later",
                    "the tasks have " + needed + " images together, of "
                            + loaded.train().count());
        }
        out.println("Data:    " + loaded.origin());
        out.println("Tasks:   " + first() + " images, then " + later() + " fresh ones, " + tasks() + " tasks, "
                + seeds() + " seeds; to a training loss of " + LOSS + " or " + epochs() + " epochs");
        out.flush();
        List<Curve> curves = measure(loaded, directory);
        out.println();
        out.println(table(curves));
        out.println();
        String title = "MNIST, " + first() + " images, then fewer" + (loaded.synthetic() ? " (synthetic images)" : "");
        directory.write("mnist.png", file -> Charts.writePng(file, title, 1, List.of(plot(curves))));
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(run.typed()));
        report.put("data", loaded.origin());
        report.put("synthetic_data", loaded.synthetic());
        directory.write("run.json", file -> Json.write(file, report));
        directory.files().forEach(file -> out.println("Wrote " + file));
        out.flush();
        return spec.exitCodeOnSuccess();
    }

    private int first() {
        return first != null ? first : run.quick() ? 2000 : 10_000;
    }

    private List<Integer> later() {
        return !later.isEmpty() ? later : run.quick() ? List.of(100) : List.of(100, 1000);
    }

    private int tasks() {
        return tasks != null ? tasks : run.quick() ? 3 : 5;
    }

    private int seeds() {
        return seeds != null ? seeds : run.quick() ? 1 : 3;
    }

    private int epochs() {
        return epochs != null ? epochs : run.quick() ? 20 : 50;
    }

    private List<Curve> measure(LoadedDataset loaded, RunDirectory directory) throws IOException {
        List<Curve> curves = new ArrayList<>();
        DataSet all = ImageDataSetIterator.builder(loaded.train())
                .dataType(run.dataType())
                .build()
                .all();
        try (CsvLog csv = directory.csv("mnist.csv", "later", "anchor", "seed", "task", "test_error");
                Progress progress = Progress.of("continual mnist", (long) later().size() * anchors.size() * seeds())) {
            for (int size : later()) {
                for (String anchor : anchors) {
                    List<List<Double>> errors = new ArrayList<>();
                    for (int task = 0; task < tasks(); task++) {
                        errors.add(new ArrayList<>());
                    }
                    for (long seed = run.seed(); seed < run.seed() + seeds(); seed++) {
                        ErrorMatrix matrix = fit(loaded, all, size, anchor, seed);
                        for (int task = 0; task < tasks(); task++) {
                            double error = 1 - matrix.score(task, task);
                            errors.get(task).add(error);
                            csv.row(size, anchor, seed, task + 1, error);
                        }
                        progress.step(size + " each, " + anchor);
                    }
                    curves.add(new Curve(
                            size, anchor, errors.stream().map(Measured::of).toList()));
                }
            }
        }
        return curves;
    }

    private ErrorMatrix fit(LoadedDataset loaded, DataSet all, int size, String anchor, long seed) {
        List<Integer> order = new ArrayList<>(
                IntStream.range(0, loaded.train().count()).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        List<DataSetIterator> data = new ArrayList<>();
        int from = 0;
        for (int task = 0; task < tasks(); task++) {
            int count = task == 0 ? first() : size;
            int[] chosen = order.subList(from, from + count).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            DataSet own =
                    new DataSet(Nd4j.pullRows(all.getFeatures(), 1, chosen), Nd4j.pullRows(all.getLabels(), 1, chosen));
            data.add(new ViewIterator(own, count < 10 * BATCH ? SMALL_BATCH : BATCH));
            from += count;
        }
        DataSetIterator test = ImageDataSetIterator.builder(loaded.test())
                .batchSize(1000)
                .dataType(run.dataType())
                .build();
        ContinualTraining training = ContinualTraining.of(network(loaded.train(), seed))
                .tasks(data)
                .tests(Collections.nCopies(tasks(), test))
                .until(StopRule.loss(LOSS), StopRule.epochs(epochs()));
        if (anchor.equals("ridge")) {
            training.anchor(AnchoredPenalty.ridge(ridge));
        } else if (anchor.equals("kfac")) {
            training.anchor(AnchoredPenalty.kroneckerFactored(1, damping));
        }
        return training.fit();
    }

    private MultiLayerNetwork network(LabelledImages like, long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(run.dataType())
                .updater(new Adam(RATE))
                .activation(Activation.RELU)
                .weightInit(WeightInit.RELU)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(like.pixelsPerImage())
                        .nOut(width)
                        .build())
                .layer(new DenseLayer.Builder().nIn(width).nOut(width).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(width)
                        .nOut(like.classes())
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private Table table(List<Curve> curves) {
        List<String> header = new ArrayList<>(List.of("later", "anchor"));
        for (int task = 1; task <= tasks(); task++) {
            header.add("after task " + task);
        }
        Table table = new Table(header.toArray(new String[0]));
        for (Curve curve : curves) {
            List<Object> cells = new ArrayList<>(List.of(curve.later(), curve.anchor()));
            for (Measured error : curve.errors()) {
                cells.add(Numbers.percent(error.mean())
                        + (Double.isNaN(error.error()) ? "" : " ±" + Numbers.fixed(100 * error.error(), 2)));
            }
            table.row(cells.toArray());
        }
        return table;
    }

    private LinePlot plot(List<Curve> curves) {
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            series.add(new Series(
                    curve.name(),
                    i,
                    curve.anchor().equals("none") ? Series.Style.SOLID : Series.Style.MARKED,
                    IntStream.rangeClosed(1, tasks())
                            .mapToObj(task -> (double) task)
                            .toList(),
                    curve.errors().stream().map(error -> 100 * error.mean()).toList()));
        }
        return new LinePlot("Test error after each task", Axis.linear("task"), Axis.linear("test error, %"), series);
    }
}
