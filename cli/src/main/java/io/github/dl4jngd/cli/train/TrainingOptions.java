package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.data.Precision;
import io.github.dl4jngd.cli.options.DataOption;
import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.cli.spark.Cluster;
import io.github.dl4jngd.ngd.KroneckerConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that every training command has. Where an option was not given, its field is null. */
final class TrainingOptions {

    private static final int DEFAULT_BATCH = 128;
    private static final int DEFAULT_EPOCHS = 5;
    private static final int QUICK_EPOCHS = 2;
    private static final int QUICK_EXAMPLES = 4000;
    private static final int LIVE_EVERY = 50;

    @Option(
            names = "--method",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "sgd,nesterovs,adam",
            completionCandidates = TrainingMethods.Names.class,
            description = {
                "Methods to train with, one after the other, separated by commas: ${COMPLETION-CANDIDATES}.",
                "Default: ${DEFAULT-VALUE}."
            })
    private List<String> methodNames;

    @Option(
            names = "--learning-rate",
            split = ",",
            paramLabel = "RATE",
            description = {
                "One number for all methods, or a list such as sgd=0.1,adam=0.001.",
                "Default: each method's own."
            })
    private List<String> learningRates = new ArrayList<>();

    @Option(
            names = "--damping",
            split = ",",
            paramLabel = "RHO",
            description = {
                "Damping of the natural gradients: one number for all, or a list such as exact=0.1,kfac=0.01.",
                "Default: each method's own."
            })
    private List<String> dampings = new ArrayList<>();

    @Option(
            names = "--momentum",
            split = ",",
            paramLabel = "MU",
            description = {
                "Momentum of nesterovs, or behind a natural gradient: one number, or a list such as nesterovs=0.99,kfac=0.9.",
                "Default: each method's own."
            })
    private List<String> momenta = new ArrayList<>();

    @Option(
            names = "--scaling-interval",
            paramLabel = "STEPS",
            description = {
                "Every how many steps the scaling of natural gradients is measured; it holds between.",
                "Default: each method's own, "
                        + KroneckerConfiguration.DEFAULT_SCALING_INTERVAL
                        + " of kfac and ekfac, else 1."
            })
    private Integer scalingInterval;

    @Option(
            names = "--scaling-decay",
            paramLabel = "BETA",
            description = {
                "Weight of earlier measurements in that scaling, at least 0 and below 1; 0 takes the last alone.",
                "Default: each method's own, " + KroneckerConfiguration.DEFAULT_SCALING_DECAY
                        + " of kfac and ekfac, else 0."
            })
    private Double scalingDecay;

    @Mixin
    private RegularizationOptions regularization;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Examples per minibatch. Default: " + DEFAULT_BATCH + ", of autoencoders "
                    + TrainMnistAutoencoder.DEFAULT_BATCH + ".")
    private Integer batch;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description =
                    "Passes over the training set. Default: " + DEFAULT_EPOCHS + ", with --quick " + QUICK_EPOCHS + ".")
    private Integer epochs;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Train on the first N examples only. Default: all, with --quick some thousand.")
    private Integer limit;

    @Option(
            names = "--evaluate-every",
            paramLabel = "STEPS",
            defaultValue = "100",
            description =
                    "Steps between evaluations on the test set within an epoch, 0 for none. Default: ${DEFAULT-VALUE}.")
    private int evaluateEvery;

    @Option(
            names = "--sharpness",
            paramLabel = "STEPS",
            defaultValue = "0",
            description = {
                "Steps between readings of lambda_max, the largest eigenvalue of the Fisher information matrix,",
                "beside the boundary 2/lambda_max of the learning rate; 0 for none. Training is not changed by it.",
                "Writes sharpness-METHOD.csv, .jsonl and .png, for natural gradients isotropy-METHOD.csv, .jsonl and .png too."
            })
    private int sharpness;

    @Option(
            names = "--live",
            description = {
                "Shows the run in the browser while it trains: prints the address of a page on this machine.",
                "Reads lambda_max of every layer every --sharpness steps, " + LIVE_EVERY
                        + " where that is not given, into",
                "sharpness-METHOD.jsonl. Training is not changed by it. Afterwards: ngd ui DIR."
            })
    private boolean live;

    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            description = {
                "Sums over samples on Apache Spark: local[2], spark://HOST:PORT, … Natural gradients kfac and ekfac, and by conjugate",
                "gradients exact and layer-wise. It pays for minibatches of many hundred samples a core."
            })
    private String spark;

    @Option(
            names = "--spark-folder",
            paramLabel = "DIR",
            description =
                    "Folder that all machines find under this path, for the samples. Default: a temporary one here.")
    private Path sparkFolder;

    @Mixin
    private DataOption data;

    @Mixin
    private RunOptions run = new RunOptions(Precision.FLOAT);

    private final TrainingMethods registry;

    private int quickExamples = QUICK_EXAMPLES;

    private int defaultBatch = DEFAULT_BATCH;

    /** The options of a command with these methods. */
    TrainingOptions(TrainingMethods registry) {
        this.registry = registry;
    }

    /** How many examples a short run takes where steps cost more than a perceptron's. */
    TrainingOptions quickExamples(int examples) {
        quickExamples = examples;
        return this;
    }

    /** The minibatch size where none is given. */
    TrainingOptions defaultBatch(int examples) {
        defaultBatch = examples;
        return this;
    }

    TrainingMethods registry() {
        return registry;
    }

    /** Checks what picocli cannot. */
    void check() {
        run.atLeast(1, batch, "--batch");
        run.atLeast(1, epochs, "--epochs");
        run.atLeast(1, limit, "--limit");
        run.atLeast(0, evaluateEvery, "--evaluate-every");
        run.atLeast(0, sharpness, "--sharpness");
        run.atLeast(1, scalingInterval, "--scaling-interval");
        if (scalingDecay != null && !(scalingDecay >= 0 && scalingDecay < 1)) {
            throw run.wrong("--scaling-decay", "must be at least 0 and below 1, got " + scalingDecay);
        }
        numbers("--learning-rate", learningRates, methods());
        numbers("--damping", dampings, methods());
        withMomentum(methods());
        regularization.check(run);
        if (spark != null) {
            checkSpark();
        }
    }

    private void checkSpark() {
        if (live || sharpness > 0) {
            throw run.wrong(
                    "--spark",
                    "--sharpness and --live read the minibatch at hand, which lies on several machines; "
                            + "measure the network that comes of it with ngd spectrum --model FILE --spark " + spark);
        }
        for (TrainingMethod method : methods()) {
            if (!(method instanceof NaturalGradientMethod)) {
                throw run.wrong(
                        "--spark",
                        method.name()
                                + " trains on one machine; name natural gradients alone with --method, such as kfac");
            }
        }
        if (!regularization.isEmpty()) {
            throw run.wrong("--spark", "a regularised gradient is made of one minibatch, which lies on several machines");
        }
        if (Cluster.provider().isEmpty()) {
            throw run.wrong("--spark", Cluster.MISSING);
        }
    }

    /** Connects to the machines that were asked for. */
    Optional<Cluster> cluster() throws IOException {
        return spark == null
                ? Optional.empty()
                : Optional.of(Cluster.provider().orElseThrow().connect(spark, sparkFolder));
    }

    private NaturalGradientMethod.Scaling scaling() {
        return new NaturalGradientMethod.Scaling(
                scalingInterval == null ? OptionalInt.empty() : OptionalInt.of(scalingInterval),
                scalingDecay == null ? OptionalDouble.empty() : OptionalDouble.of(scalingDecay));
    }

    private TrainingMethod withOptions(TrainingMethod method, MethodNumbers damping) {
        return method instanceof NaturalGradientMethod natural
                ? natural.withDamping(damping.of(method, natural.damping())).withScaling(scaling())
                : method;
    }

    private List<TrainingMethod> withMomentum(List<TrainingMethod> methods) {
        MethodNumbers given = numbers("--momentum", momenta, methods);
        return methods.stream()
                .map(method -> {
                    OptionalDouble momentum = given.of(method);
                    try {
                        return momentum.isPresent() ? method.withMomentum(momentum.getAsDouble()) : method;
                    } catch (IllegalArgumentException e) {
                        throw run.wrong("--momentum", e.getMessage());
                    }
                })
                .toList();
    }

    private List<TrainingMethod> methods() {
        return new LinkedHashSet<>(methodNames).stream().map(this::method).toList();
    }

    private TrainingMethod method(String name) {
        return registry.named(name.strip())
                .orElseThrow(() -> run.wrong(
                        "--method",
                        "'" + name + "' is not a method, expected one of "
                                + String.join(", ", TrainingMethods.names())));
    }

    private MethodNumbers numbers(String option, List<String> values, List<TrainingMethod> methods) {
        List<String> names = methods.stream().map(TrainingMethod::name).toList();
        try {
            return MethodNumbers.parse(values, names);
        } catch (IllegalArgumentException e) {
            throw run.wrong(option, e.getMessage());
        }
    }

    /** One plan per method on the training data, on these machines where they are not empty. */
    List<TrainingPlan> plans(TrainingData available, Optional<Cluster> cluster) {
        List<TrainingMethod> methods = methods();
        MethodNumbers rates = numbers("--learning-rate", learningRates, methods);
        MethodNumbers damping = numbers("--damping", dampings, methods);
        return withMomentum(methods).stream()
                .flatMap(method -> {
                    double rate = rates.of(method, method.defaultLearningRate());
                    TrainingMethod own = withOptions(method, damping);
                    return Stream.concat(Stream.of(own), regularization.regularized(own))
                            .map(each -> plan(each, rate, available, cluster));
                })
                .toList();
    }

    private TrainingPlan plan(
            TrainingMethod method, double learningRate, TrainingData available, Optional<Cluster> cluster) {
        int examples = limit != null
                ? limit
                : run.quick() ? quickExamples : available.train().count();
        int batchSize = batch != null ? batch : defaultBatch;
        if (method.limit().isPresent()) {
            TrainingMethod.Limit own = method.limit().get();
            examples =
                    limit != null ? examples : Math.min(examples, own.examples().orElse(examples));
            batchSize = batch != null
                    ? batchSize
                    : Math.min(batchSize, own.batchSize().orElse(batchSize));
        }
        TrainingData taken = available.limit(examples);
        TrainingMethod used = cluster.<TrainingMethod>map(
                        own -> new ClusterMethod((NaturalGradientMethod) method, own, taken, run.seed()))
                .orElse(method);
        int passes = epochs != null ? epochs : run.quick() ? QUICK_EPOCHS : DEFAULT_EPOCHS;
        return new TrainingPlan(
                used,
                learningRate,
                batchSize,
                taken,
                run.seed(),
                passes,
                evaluateEvery,
                live && sharpness == 0 ? LIVE_EVERY : sharpness,
                live);
    }

    /** Whether the run is shown in the browser. */
    boolean live() {
        return live;
    }

    /** The user's data folder, or null. */
    Path data() {
        return data.folder();
    }

    RunOptions run() {
        return run;
    }
}
