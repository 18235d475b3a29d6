package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.IN;
import static io.github.dl4jngd.ngd.Models.OUT;
import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.output;
import static java.util.stream.Collectors.toCollection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.saver.LocalFileGraphSaver;
import org.deeplearning4j.earlystopping.saver.LocalFileModelSaver;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.MinMaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.optimize.api.InvocationType;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.deeplearning4j.optimize.listeners.CollectScoresListener;
import org.deeplearning4j.optimize.listeners.ComposableIterationListener;
import org.deeplearning4j.optimize.listeners.EvaluativeListener;
import org.deeplearning4j.optimize.listeners.FailureTestingListener;
import org.deeplearning4j.optimize.listeners.PerformanceListener;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.optimize.listeners.SleepyTrainingListener;
import org.deeplearning4j.optimize.listeners.TimeIterationListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaBelief;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.schedule.CycleSchedule;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.PolySchedule;
import org.nd4j.linalg.schedule.RampSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.SigmoidSchedule;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * The rows of the compatibility table. Where a row is about one of DL4J's classes, its name begins with the class's.
 */
final class Settings {

    static final String UPDATERS = "Updaters";
    static final String SCHEDULES = "Schedules of the learning rate";
    static final String CONSTRAINTS = "Constraints";
    static final String NOISE = "Dropout and weight noise";
    static final String LISTENERS = "Listeners";

    private Settings() {}

    /**
     * All rows by kind.
     *
     * @param folder for what listeners and early stopping save
     */
    static Map<String, List<Setting>> all(Path folder) {
        Map<String, List<Setting>> rows = new LinkedHashMap<>();
        rows.put(UPDATERS, updaters());
        rows.put(SCHEDULES, schedules());
        rows.put("Penalties", penalties());
        rows.put("Gradient normalisation", normalisations());
        rows.put(CONSTRAINTS, constraints());
        rows.put(NOISE, noise());
        rows.put("Heads and losses", heads());
        rows.put("Layers that are neither dense nor convolutions of images", layers());
        rows.put("Frozen layers and transfer learning", transfers());
        rows.put("Ways to train", trainings(folder));
        rows.put(LISTENERS, listeners(folder));
        rows.put("What a minibatch or a configuration may ask for besides", others());
        return rows;
    }

    /** One row for each of DL4J's objects, with more rows after them. */
    private static <T> List<Setting> rows(Stream<T> objects, Function<T, Setting> row, Setting... more) {
        List<Setting> rows = objects.map(row).collect(toCollection(ArrayList::new));
        rows.addAll(Arrays.asList(more));
        return rows;
    }

    private static String name(Object object) {
        return object.getClass().getSimpleName();
    }

    private static List<Setting> updaters() {
        Stream<IUpdater> updaters = Stream.of(
                new Sgd(0.3),
                new Nesterovs(0.1, 0.9),
                new Adam(0.05),
                new AdaMax(0.05),
                new AdaBelief(0.05),
                new AMSGrad(0.05),
                new Nadam(0.05),
                new AdaGrad(0.05),
                new AdaDelta(),
                new RmsProp(0.02),
                new NoOp());
        return rows(
                updaters,
                updater -> Setting.of(name(updater), builder -> builder.updater(updater)),
                Setting.of("biases' own (Adam; weights: Nesterovs)", builder -> builder.updater(new Nesterovs(0.1, 0.9))
                        .biasUpdater(new Adam(0.02))),
                Setting.of("a layer's own (RmsProp; others: Sgd)")
                        .layers(() -> List.of(
                                dense(IN, 5),
                                new DenseLayer.Builder()
                                        .nIn(5)
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .updater(new RmsProp(0.02))
                                        .build(),
                                output(4, LossFunction.MCXENT, Activation.SOFTMAX))));
    }

    private static List<Setting> schedules() {
        ScheduleType iteration = ScheduleType.ITERATION;
        Stream<ISchedule> schedules = Stream.of(
                new CycleSchedule(iteration, 0.1, 0.4, 4, 1, 0.5),
                new ExponentialSchedule(iteration, 0.5, 0.7),
                new FixedSchedule(0.3),
                new InverseSchedule(iteration, 0.5, 0.5, 2),
                new MapSchedule(iteration, Map.of(0, 0.5, 1, 0.2)),
                new PolySchedule(iteration, 0.5, 2, 10),
                new RampSchedule(new FixedSchedule(0.5), 4),
                new SigmoidSchedule(iteration, 0.5, 1, 1),
                new StepSchedule(iteration, 0.5, 0.5, 1));
        return rows(
                schedules,
                schedule -> Setting.of(name(schedule), builder -> builder.updater(new Sgd(schedule))),
                Setting.of(
                                "by epochs",
                                builder ->
                                        builder.updater(new Sgd(new ExponentialSchedule(ScheduleType.EPOCH, 0.5, 0.5))))
                        .training(Training.EPOCHS),
                Setting.of(
                        "of Nesterovs' momentum",
                        builder -> builder.updater(new Nesterovs(
                                new FixedSchedule(0.1), new MapSchedule(iteration, Map.of(0, 0.5, 2, 0.9))))));
    }

    private static List<Setting> penalties() {
        return List.of(
                Setting.of("l1", builder -> builder.l1(0.02)),
                Setting.of("l2", builder -> builder.l2(0.1)),
                Setting.of("l1, biases", builder -> builder.l1Bias(0.02)),
                Setting.of("l2, biases", builder -> builder.l2Bias(0.1)),
                Setting.of("weight decay × learning rate", builder -> builder.weightDecay(0.1, true)),
                Setting.of("weight decay", builder -> builder.weightDecay(0.1, false)),
                Setting.of("weight decay × learning rate, biases", builder -> builder.weightDecayBias(0.1, true)),
                Setting.of("weight decay, biases", builder -> builder.weightDecayBias(0.1, false)),
                Setting.of(
                        "l1, l2 and weight decay with Adam",
                        builder ->
                                builder.updater(new Adam(0.05)).l1(0.02).l2(0.1).weightDecayBias(0.1)));
    }

    private static List<Setting> normalisations() {
        return Arrays.stream(GradientNormalization.values())
                .map(normalization -> {
                    Setting setting =
                            Setting.of(normalization.name(), builder -> builder.gradientNormalization(normalization)
                                    .gradientNormalizationThreshold(0.05));
                    return normalization == GradientNormalization.None ? setting.neutral() : setting;
                })
                .toList();
    }

    private static List<Setting> constraints() {
        Stream<LayerConstraint> constraints = Stream.of(
                new MaxNormConstraint(0.5, 1),
                new MinMaxNormConstraint(0.4, 0.6, 0.8, 1),
                new NonNegativeConstraint(),
                new UnitNormConstraint(1));
        return rows(
                constraints,
                constraint -> Setting.of(name(constraint), builder -> builder.constrainWeights(constraint)),
                Setting.of("of biases", builder -> builder.constrainBias(new NonNegativeConstraint())),
                // on a layer: DL4J ignores constrainAllParameters on the whole configuration
                Setting.of("of all parameters of a layer")
                        .layers(() -> List.of(
                                dense(IN, 5),
                                new DenseLayer.Builder()
                                        .nIn(5)
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .constrainAllParameters(new NonNegativeConstraint())
                                        .build(),
                                output(4, LossFunction.MCXENT, Activation.SOFTMAX))));
    }

    private static List<Setting> noise() {
        Stream<IDropout> dropouts =
                Stream.of(new Dropout(0.6), new AlphaDropout(0.8), new GaussianDropout(0.3), new GaussianNoise(0.3));
        List<Setting> rows = rows(dropouts, dropout -> Setting.of(name(dropout), builder -> builder.dropOut(dropout))
                .noisy());
        rows.add(Setting.of(name(new SpatialDropout(0.5)))
                .layers(() -> List.of(
                        new DropoutLayer.Builder(new SpatialDropout(0.5)).build(),
                        dense(IN, 5),
                        output(5, LossFunction.MCXENT, Activation.SOFTMAX)))
                .input(InputType.convolutional(1, 1, IN), Settings::images)
                .noisy());
        Stream<IWeightNoise> noises = Stream.of(new WeightNoise(new NormalDistribution(0, 0.2)), new DropConnect(0.7));
        noises.map(noise -> Setting.of(name(noise), builder -> builder.weightNoise(noise))
                        .noisy())
                .forEach(rows::add);
        return rows;
    }

    /** Vectors as images of one pixel with a channel for each entry. */
    private static DataSet images(DataSet vectors) {
        return new DataSet(vectors.getFeatures().reshape(vectors.numExamples(), IN, 1, 1), vectors.getLabels());
    }

    /** All of them have the model's own loss in another form, so that the last steps are those of a softmax. */
    private static List<Setting> heads() {
        double[] weights = {0.5, 2, 1.25};
        return List.of(
                Setting.of("softmax, loss layer above it")
                        .layers(() -> List.of(dense(IN, 5), softmax(), lossLayer(new LossMCXENT()))),
                Setting.of("softmax in a layer of its own")
                        .layers(() -> List.of(
                                dense(IN, 5),
                                new DenseLayer.Builder()
                                        .nIn(5)
                                        .nOut(OUT)
                                        .activation(Activation.IDENTITY)
                                        .build(),
                                new ActivationLayer(Activation.SOFTMAX),
                                lossLayer(new LossNegativeLogLikelihood()))),
                Setting.of("weights of classes")
                        .layers(() -> List.of(
                                dense(IN, 5),
                                new OutputLayer.Builder(new LossMCXENT(row(weights)))
                                        .nIn(5)
                                        .nOut(OUT)
                                        .activation(Activation.SOFTMAX)
                                        .build()))
                        .classWeights(weights),
                Setting.of("softmax, loss layer with weights of classes above it")
                        .layers(() -> List.of(dense(IN, 5), softmax(), lossLayer(new LossMCXENT(row(weights)))))
                        .classWeights(weights),
                Setting.of("smoothed labels")
                        .batch(batch -> new DataSet(
                                batch.getFeatures(), batch.getLabels().mul(0.9).addi(0.1 / OUT))),
                Setting.of("Kullback–Leibler divergence")
                        .layers(() -> List.of(dense(IN, 5), output(5, LossFunction.KL_DIVERGENCE, Activation.SOFTMAX))),
                Setting.of("F-measure")
                        .layers(() -> List.of(
                                dense(IN, 5),
                                new OutputLayer.Builder(new LossFMeasure())
                                        .nIn(5)
                                        .nOut(1)
                                        .activation(Activation.SIGMOID)
                                        .build()))
                        .batch(batch -> new DataSet(
                                batch.getFeatures(),
                                batch.getLabels().getColumn(0).dup().reshape(batch.numExamples(), 1))));
    }

    /** Their own K-FAC blocks are compared with explicit matrices in the tests of the layers. */
    private static List<Setting> layers() {
        InputType steps = InputType.recurrent(2, 2);
        return List.of(
                Setting.of("PReLULayer")
                        .layers(() -> List.of(
                                new DenseLayer.Builder()
                                        .nIn(IN)
                                        .nOut(5)
                                        .activation(Activation.IDENTITY)
                                        .build(),
                                new PReLULayer.Builder().inputShape(5).build(),
                                softmaxOutput()))
                        .input(InputType.feedForward(IN), UnaryOperator.identity())
                        .exactAlone(),
                Setting.of("EmbeddingLayer")
                        .layers(() -> List.of(
                                new EmbeddingLayer.Builder()
                                        .nIn(1 << IN)
                                        .nOut(5)
                                        .build(),
                                output(5, LossFunction.MCXENT, Activation.SOFTMAX)))
                        .batch(Settings::words)
                        .exactAlone(),
                Setting.of("EmbeddingSequenceLayer, global pooling")
                        .layers(() -> List.of(
                                new EmbeddingSequenceLayer.Builder()
                                        .nIn(2 * IN)
                                        .nOut(5)
                                        .inputLength(IN)
                                        .build(),
                                new GlobalPoolingLayer(PoolingType.AVG),
                                output(5, LossFunction.MCXENT, Activation.SOFTMAX)))
                        .batch(Settings::sentences)
                        .exactAlone(),
                Setting.of("TimeDistributed dense layer, global pooling")
                        .layers(() -> List.of(
                                new TimeDistributed(dense(2, 5)),
                                new GlobalPoolingLayer(PoolingType.MAX),
                                softmaxOutput()))
                        .input(steps, batch -> shaped(batch, 2, 2))
                        .exactAlone(),
                Setting.of("Convolution1DLayer, Causal, global pooling")
                        .layers(() -> List.of(
                                new Convolution1DLayer.Builder(2)
                                        .convolutionMode(ConvolutionMode.Causal)
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .build(),
                                new GlobalPoolingLayer(PoolingType.AVG),
                                softmaxOutput()))
                        .input(steps, batch -> shaped(batch, 2, 2))
                        .exactAlone(),
                Setting.of("Convolution3D, global pooling")
                        .layers(() -> List.of(
                                new Convolution3D.Builder(1, 1, 2)
                                        .dataFormat(Convolution3D.DataFormat.NCDHW)
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .build(),
                                new GlobalPoolingLayer(PoolingType.MAX),
                                softmaxOutput()))
                        .input(
                                InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 1, 2, 2, 1),
                                batch -> shaped(batch, 1, 1, 2, 2))
                        .exactAlone(),
                Setting.of("SpaceToDepthLayer")
                        .layers(() ->
                                List.of(new SpaceToDepthLayer.Builder<>(2, CNN2DFormat.NCHW).build(), softmaxOutput()))
                        .input(InputType.convolutional(2, 2, 1), batch -> shaped(batch, 1, 2, 2))
                        .exactAlone(),
                Setting.of("RepeatVector, global pooling")
                        .layers(() -> List.of(
                                dense(IN, 5),
                                new RepeatVector.Builder<>(3).build(),
                                new GlobalPoolingLayer(PoolingType.SUM),
                                softmaxOutput()))
                        .input(InputType.feedForward(IN), UnaryOperator.identity())
                        .exactAlone());
    }

    private static Layer softmaxOutput() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(OUT)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static DataSet shaped(DataSet vectors, long... sample) {
        long[] shape = new long[sample.length + 1];
        shape[0] = vectors.numExamples();
        System.arraycopy(sample, 0, shape, 1, sample.length);
        return new DataSet(vectors.getFeatures().dup('c').reshape('c', shape), vectors.getLabels());
    }

    /** One word a sample: which of its numbers are above zero. */
    private static DataSet words(DataSet vectors) {
        INDArray x = vectors.getFeatures();
        INDArray bits = x.gt(0).castTo(x.dataType());
        INDArray powers = Nd4j.createFromArray(1.0, 2, 4, 8).castTo(x.dataType());
        return new DataSet(bits.mulRowVector(powers).sum(true, 1), vectors.getLabels());
    }

    /** One word for each number: two for each place, below zero and above. */
    private static DataSet sentences(DataSet vectors) {
        INDArray x = vectors.getFeatures();
        INDArray places = Nd4j.createFromArray(0.0, 2, 4, 6).castTo(x.dataType());
        return new DataSet(x.gt(0).castTo(x.dataType()).addRowVector(places), vectors.getLabels());
    }

    private static INDArray row(double[] weights) {
        return Nd4j.createFromArray(new double[][] {weights});
    }

    private static Layer softmax() {
        return new DenseLayer.Builder()
                .nIn(5)
                .nOut(OUT)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static Layer lossLayer(ILossFunction loss) {
        return new LossLayer.Builder(loss).activation(Activation.IDENTITY).build();
    }

    private static List<Setting> transfers() {
        return List.of(
                Setting.of("FrozenLayer: feature extractor")
                        .transfer(chain -> chain.setFeatureExtractor(0), graph -> graph.setFeatureExtractor("0")),
                Setting.of("FrozenLayerWithBackprop")
                        .layers(() -> List.of(
                                dense(IN, 5),
                                new FrozenLayerWithBackprop(dense(5, 4)),
                                output(4, LossFunction.MCXENT, Activation.SOFTMAX))),
                Setting.of("feature extractor and another output layer")
                        .transfer(
                                chain -> chain.fineTuneConfiguration(fineTuning())
                                        .setFeatureExtractor(0)
                                        .removeOutputLayer()
                                        .addLayer(output(4, LossFunction.MCXENT, Activation.SOFTMAX)),
                                graph -> graph.fineTuneConfiguration(fineTuning())
                                        .setFeatureExtractor("0")
                                        .removeVertexAndConnections("2")
                                        .addLayer("2", output(4, LossFunction.MCXENT, Activation.SOFTMAX), "1")
                                        .setOutputs("2")),
                Setting.of("nOutReplace: a layer of another width")
                        .transfer(
                                chain -> chain.nOutReplace(1, 6, WeightInit.XAVIER),
                                graph -> graph.nOutReplace("1", 6, WeightInit.XAVIER)),
                Setting.of("FineTuneConfiguration: another updater, l2")
                        .transfer(
                                chain -> chain.fineTuneConfiguration(fineTuning()),
                                graph -> graph.fineTuneConfiguration(fineTuning())));
    }

    private static FineTuneConfiguration fineTuning() {
        return new FineTuneConfiguration.Builder()
                .updater(new Nesterovs(0.1, 0.9))
                .l2(0.1)
                .build();
    }

    private static List<Setting> trainings(Path folder) {
        return List.of(
                Setting.of("fit(MultiDataSet)")
                        .training(Training.MULTI_DATA_SETS)
                        .neutral(),
                Setting.of("fit(DataSetIterator)").training(Training.ITERATOR).neutral(),
                Setting.of("several epochs").training(Training.EPOCHS).neutral(),
                Setting.of("early stopping, best model in memory")
                        .training(Training.earlyStopping(InMemoryModelSaver::new, InMemoryModelSaver::new))
                        .neutral(),
                Setting.of("early stopping, best model in a file")
                        .training(Training.earlyStopping(
                                () -> new LocalFileModelSaver(newFolder(folder).toString()),
                                () -> new LocalFileGraphSaver(newFolder(folder).toString())))
                        .neutral(),
                workspaces(WorkspaceMode.ENABLED),
                workspaces(WorkspaceMode.NONE),
                Setting.of("CacheMode.DEVICE", builder -> builder.cacheMode(CacheMode.DEVICE))
                        .neutral(),
                Setting.of("miniBatch(false): gradients summed", builder -> builder.miniBatch(false)
                        .updater(new Sgd(0.3))),
                // here the direction is made from DL4J's sum
                Setting.of("miniBatch(false) with Dropout", builder -> builder.miniBatch(false)
                                .dropOut(new Dropout(0.6)))
                        .noisy());
    }

    private static Setting workspaces(WorkspaceMode mode) {
        return Setting.of("workspaces " + mode, builder -> builder.trainingWorkspaceMode(mode)
                        .inferenceWorkspaceMode(mode))
                .neutral();
    }

    private static Path newFolder(Path parent) {
        try {
            return Files.createTempDirectory(parent, "saved");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("deprecation") // ComposableIterationListener is, and still there
    private static List<Setting> listeners(Path folder) {
        DataSet data = new DataSet(Models.input(0), Models.labels(0));
        return List.of(
                listener("ScoreIterationListener", new ScoreIterationListener(1)),
                listener("PerformanceListener", new PerformanceListener(1, true)),
                listener("TimeIterationListener", new TimeIterationListener(1, 3)),
                listener("CollectScoresIterationListener", new CollectScoresIterationListener(1)),
                listener("CollectScoresListener", new CollectScoresListener(1)),
                listener("ComposableIterationListener", new ComposableIterationListener(new ScoreIterationListener(1))),
                Setting.of("CheckpointListener").listener(() -> new CheckpointListener.Builder(
                                newFolder(folder).toFile())
                        .saveEveryNIterations(1)
                        .build()),
                listener(
                        "EvaluativeListener, after each step",
                        new EvaluativeListener(data, 1, InvocationType.ITERATION_END)),
                listener(
                                "EvaluativeListener, after each epoch",
                                new EvaluativeListener(data, 1, InvocationType.EPOCH_END))
                        .training(Training.EPOCHS),
                listener(
                        "SleepyTrainingListener",
                        SleepyTrainingListener.builder().timerIteration(1).build()),
                listener(
                        "FailureTestingListener, not triggered",
                        new FailureTestingListener(
                                FailureTestingListener.FailureMode.ILLEGAL_STATE,
                                new FailureTestingListener.IterationEpochTrigger(false, 1000))));
    }

    private static Setting listener(String name, TrainingListener listener) {
        return Setting.of(name).listener(() -> listener);
    }

    private static List<Setting> others() {
        List<Setting> rows = new ArrayList<>(List.of(
                Setting.of("mask of the features")
                        .batch(batch -> new DataSet(batch.getFeatures(), batch.getLabels(), mask(batch), null)),
                Setting.of("mask of the labels")
                        .batch(batch -> new DataSet(batch.getFeatures(), batch.getLabels(), null, mask(batch))),
                Setting.of("mask of the labels, weights other than 0 and 1")
                        .layers(() -> List.of(dense(IN, 5), softmax(), lossLayer(new LossMCXENT())))
                        .batch(batch -> new DataSet(
                                batch.getFeatures(),
                                batch.getLabels(),
                                null,
                                mask(batch).putScalar(0, 0, 1.75))),
                Setting.of("masks of ones")
                        .batch(batch -> new DataSet(batch.getFeatures(), batch.getLabels(), ones(batch), ones(batch)))
                        .neutral(),
                Setting.of("truncated back-propagation through time").backpropType(BackpropType.TruncatedBPTT)));
        Arrays.stream(OptimizationAlgorithm.values())
                .map(algorithm -> {
                    Setting setting =
                            Setting.of("optimizationAlgo " + algorithm, builder -> builder.optimizationAlgo(algorithm));
                    return algorithm == OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT ? setting.neutral() : setting;
                })
                .forEach(rows::add);
        return rows;
    }

    private static INDArray ones(DataSet batch) {
        return Nd4j.ones(DataType.DOUBLE, batch.numExamples(), 1);
    }

    /** Without the second sample. */
    private static INDArray mask(DataSet batch) {
        return ones(batch).putScalar(1, 0, 0);
    }
}
