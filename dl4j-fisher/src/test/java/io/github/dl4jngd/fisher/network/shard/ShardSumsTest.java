package io.github.dl4jngd.fisher.network.shard;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.FisherOperator;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.KroneckerInverse;
import io.github.dl4jngd.fisher.curvature.SampleSums;
import io.github.dl4jngd.fisher.curvature.TangentSums;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.network.Targets;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What is summed over shards is what one linearisation at all samples gives, and the same bits however it is added. */
class ShardSumsTest {

    private static final double TEST_F64 = 1e-12;
    private static final int SAMPLES = 23;
    private static final int CLASSES = 3;

    /** The networks that sums are compared at. */
    enum Example {
        DENSE(() -> new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(36)
                        .nOut(6)
                        .activation(Activation.TANH)
                        .build())
                .layer(output(6))
                .build()),
        CONVOLUTION(() -> new NeuralNetConfiguration.Builder()
                .seed(4)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .activation(Activation.TANH)
                        .build())
                .layer(new BatchNormalization())
                .layer(output(32))
                .setInputType(InputType.convolutional(6, 6, 1))
                .build());

        private final Supplier<MultiLayerConfiguration> configuration;

        Example(Supplier<MultiLayerConfiguration> configuration) {
            this.configuration = configuration;
        }

        private static OutputLayer output(int in) {
            return new OutputLayer.Builder(LossFunction.MCXENT)
                    .nIn(in)
                    .nOut(CLASSES)
                    .activation(Activation.SOFTMAX)
                    .build();
        }

        MultiLayerNetwork network() {
            MultiLayerNetwork network = new MultiLayerNetwork(configuration.get());
            network.init();
            return network;
        }

        DataSet data() {
            Random random = new Random(5);
            INDArray x = this == DENSE
                    ? normal(random, 1, DataType.DOUBLE, SAMPLES, 36)
                    : normal(random, 1, DataType.DOUBLE, SAMPLES, 1, 6, 6);
            INDArray y = Nd4j.zeros(DataType.DOUBLE, SAMPLES, CLASSES);
            for (int n = 0; n < SAMPLES; n++) {
                y.putScalar(n, random.nextInt(CLASSES), 1);
            }
            return new DataSet(x, y);
        }
    }

    private static KroneckerFisher.Options options(double decay) {
        return new KroneckerFisher.Options(
                decay, KroneckerInverse.CHOLESKY, false, WeightSharing.EXPAND, KroneckerFisher.Options.UNLIMITED);
    }

    private static DrawnLabels labels(FisherType type) {
        return new DrawnLabels(type, 2, 11, 7);
    }

    private static double relative(INDArray found, INDArray expected) {
        return found.sub(expected.reshape(found.shape())).norm2Number().doubleValue()
                / expected.norm2Number().doubleValue();
    }

    /** Gradient, F v and the numbers along v against one linearisation of all samples. */
    @ParameterizedTest
    @EnumSource(Example.class)
    void sumsAreThoseOfOneLinearization(Example example) {
        ShardNetwork network = ShardNetwork.of(example.network(), BatchStatistics.RUNNING);
        LinearizedNetwork whole = network.network();
        DataSet data = example.data();
        INDArray theta = whole.parameters();
        INDArray v = normal(new Random(6), 1, DataType.DOUBLE, (int) theta.length());
        LocalShards shards = new LocalShards(network, LocalShards.cut(data, 5));
        assertThat(shards.shards()).isEqualTo(5);
        assertThat(shards.samples()).isEqualTo(SAMPLES);

        Linearization at = whole.at(data.getFeatures());
        Targets targets = whole.targets(data.getLabels(), null);
        OutputMetric metric = targets.loss().at(at.outputs());
        SampleSums gradient = shards.sum(ShardTask.gradient(), theta, null);
        assertThat(gradient.samples()).isEqualTo(SAMPLES);
        assertThat(gradient.meanLoss()).isCloseTo(metric.meanLoss(targets.labels()), within(TEST_F64));
        assertThat(relative(gradient.vector(SampleSums.GRADIENT), at.vjp(metric.residual(targets.labels()))))
                .isLessThan(TEST_F64);
        INDArray product = new ShardedFisher(whole, shards).times(v);
        assertThat(relative(product, new FisherOperator(at, metric).times(v))).isLessThan(TEST_F64);
        TangentSums along = TangentSums.of(shards.sum(ShardTask.tangent(), theta, v));
        INDArray d = at.jvp(v);
        INDArray r = metric.residual(targets.labels());
        INDArray h = metric.times(d);
        assertThat(along.slope()).isCloseTo(d.mul(r).sumNumber().doubleValue(), within(1e-9));
        assertThat(along.curvature()).isCloseTo(d.mul(h).sumNumber().doubleValue(), within(1e-9));
        assertThat(along.metric()).isCloseTo(h.mul(h).sumNumber().doubleValue(), within(1e-9));
        assertThat(along.mixed()).isCloseTo(h.mul(r).sumNumber().doubleValue(), within(1e-9));
        assertThat(along.residual()).isCloseTo(r.mul(r).sumNumber().doubleValue(), within(1e-9));
    }

    /** K-FAC and E-KFAC that observed sums give the direction of those that observed all samples' rows. */
    @ParameterizedTest
    @EnumSource(Example.class)
    void observedSumsGiveTheSameDirection(Example example) {
        for (boolean eigenvalueCorrected : new boolean[] {false, true}) {
            ShardNetwork network = ShardNetwork.of(example.network(), BatchStatistics.RUNNING);
            LinearizedNetwork whole = network.network();
            DataSet data = example.data();
            INDArray theta = whole.parameters();
            LocalShards shards = new LocalShards(network, LocalShards.cut(data, 7));
            Linearization at = whole.at(data.getFeatures());
            Targets targets = whole.targets(data.getLabels(), null);
            OutputMetric metric = targets.loss().at(at.outputs());
            OutputRoot root = OutputRoot.of(FisherType.TRUE, metric, targets.labels(), 1, null);
            INDArray g = at.vjp(metric.residual(targets.labels())).divi(SAMPLES);
            Damping damping = Damping.absolute(0.1);
            INDArray[] directions = new INDArray[2];
            for (int i = 0; i < 2; i++) {
                LinearAlgebra algebra = LinearAlgebra.best();
                try (KroneckerFisher factors = eigenvalueCorrected
                        ? KroneckerFisher.eigenvalueCorrected(algebra, options(0.9))
                        : new KroneckerFisher(algebra, options(0.9))) {
                    for (int step = 0; step < 2; step++) {
                        if (i == 0) {
                            factors.observe(at.fisherRoot(root, RootOptions.factored(Parameterization.standard())));
                        } else {
                            observe(factors, whole, shards, theta);
                        }
                        factors.refreshInverses(damping);
                        directions[i] = factors.solve(g, damping).vector();
                    }
                }
            }
            assertThat(relative(directions[1], directions[0])).isLessThan(1e-10);
        }
    }

    private static void observe(KroneckerFisher factors, LinearizedNetwork whole, LocalShards shards, INDArray theta) {
        ShardTask task =
                ShardTask.gradient().withFactors(options(0.9), labels(FisherType.TRUE), Parameterization.standard());
        factors.observe(
                whole.blocks(),
                shards.sum(task, theta, null),
                (Map<String, List<INDArray>> bases) -> shards.sum(
                        ShardTask.secondMoments(
                                bases, options(0.9), labels(FisherType.TRUE), Parameterization.standard()),
                        theta,
                        null));
    }

    /** Places added in any order, in any number of trees, have one sum, to the bit. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 16, 23})
    void theTreeIsTheSameHoweverItIsGrouped(int places) {
        Random random = new Random(places);
        List<SampleSums> parts = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            parts.add(SampleSums.of(i + 1)
                    .with(SampleSums.GRADIENT, normal(random, 1, DataType.FLOAT, 50))
                    .with(SampleSums.LOSS, random.nextDouble())
                    .build());
        }
        SumTree first = new SumTree(places);
        for (int i = 0; i < places; i++) {
            first.add(i, parts.get(i));
        }
        boolean differs = false;
        for (int partitions = 1; partitions <= 5; partitions++) {
            List<SumTree> trees = new ArrayList<>();
            for (int p = 0; p < partitions; p++) {
                trees.add(new SumTree(places));
            }
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < places; i++) {
                order.add(i);
            }
            Collections.shuffle(order, random);
            SampleSums inOrder = SampleSums.NONE;
            for (int i : order) {
                trees.get(random.nextInt(partitions)).add(i, parts.get(i));
                inOrder = inOrder.plus(parts.get(i));
            }
            Collections.shuffle(trees, random);
            SumTree all = new SumTree(places);
            trees.forEach(tree -> tree.nodes().forEach(all::add));
            assertThat(all.root()).isEqualTo(first.root());
            assertThat(all.nodes()).hasSize(1);
            differs |= !inOrder.equals(first.root());
        }
        assertThat(differs || places < 3)
                .as("added as they come, sums have other bits")
                .isTrue();
    }

    @Test
    void aMissingPlaceIsNoticed() {
        SumTree tree = new SumTree(3);
        tree.add(0, SampleSums.NONE);
        tree.add(2, SampleSums.NONE);
        assertThatThrownBy(tree::root).hasMessageContaining("have not been added");
        assertThatThrownBy(() -> tree.add(0, SampleSums.NONE)).hasMessageContaining("twice");
        assertThatThrownBy(() -> tree.add(3, SampleSums.NONE)).hasMessageContaining("0 to 2");
    }

    /** Labels are of (seed, iteration, shard): the same again, and others for another of these. */
    @Test
    void labelsAreOfSeedIterationAndShard() {
        long first = labels(FisherType.MONTE_CARLO).of(4).nextLong();
        assertThat(labels(FisherType.MONTE_CARLO).of(4).nextLong()).isEqualTo(first);
        assertThat(labels(FisherType.MONTE_CARLO).of(5).nextLong()).isNotEqualTo(first);
        assertThat(new DrawnLabels(FisherType.MONTE_CARLO, 2, 11, 8).of(4).nextLong())
                .isNotEqualTo(first);
        assertThat(new DrawnLabels(FisherType.MONTE_CARLO, 2, 12, 7).of(4).nextLong())
                .isNotEqualTo(first);
    }

    /** A process that has the configuration alone, and a task that was sent to it, sums the same bits. */
    @ParameterizedTest
    @EnumSource(Example.class)
    void aConfigurationAndASentTaskAreEnough(Example example) throws Exception {
        MultiLayerNetwork model = example.network();
        ShardNetwork here = ShardNetwork.of(model, BatchStatistics.CONSTANT);
        ShardNetwork there =
                ShardNetwork.of(model.getLayerWiseConfigurations().toJson(), false, BatchStatistics.CONSTANT);
        ShardTask task = ShardTask.gradient()
                .withFactors(options(0.9), labels(FisherType.MONTE_CARLO), Parameterization.standard());
        Shard shard = LocalShards.cut(example.data(), 10).get(1);
        SampleSums own = here.sum(shard, model.params(), null, task);
        SampleSums sent = sent(there.sum(shard, model.params().dup(), null, sent(task)));
        assertThat(sent).isEqualTo(own);
        assertThat(own.bytes()).isPositive();
    }

    @SuppressWarnings("unchecked")
    private static <T> T sent(T object) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (T) in.readObject();
        }
    }

    /** With constant statistics the gradient is that of the network with the shard's batch statistics. */
    @Test
    void ghostBatchesHaveTheGradientOfTraining() {
        MultiLayerNetwork model = Example.CONVOLUTION.network();
        DataSet data = Example.CONVOLUTION.data();
        ShardNetwork network = ShardNetwork.of(model, BatchStatistics.CONSTANT);
        SampleSums sums =
                network.sum(LocalShards.cut(data, SAMPLES).get(0), model.params(), null, ShardTask.gradient());
        model.setInput(data.getFeatures());
        model.setLabels(data.getLabels());
        model.computeGradientAndScore();
        INDArray expected = model.gradient().gradient();
        INDArray found = sums.vector(SampleSums.GRADIENT);
        network.network().blocks().forEach(block -> assertThat(
                        relative(block.read(found), block.read(expected.reshape(expected.length()))))
                .isLessThan(1e-9));
    }

    @Test
    void brokenSamplesAreNamed() {
        ShardNetwork network = ShardNetwork.of(Example.DENSE.network(), BatchStatistics.RUNNING);
        DataSet data = Example.DENSE.data();
        data.getFeatures().putScalar(11, 3, Double.NaN);
        LocalShards shards = new LocalShards(network, LocalShards.cut(data, 5));
        SampleSums sums = shards.sum(ShardTask.gradient(), network.network().parameters(), null);
        assertThat(sums.faults()).singleElement().asString().contains("1 of the", "input of shard 2");
        assertThatThrownBy(() -> new ShardedFisher(network.network(), shards)
                        .times(network.network().parameters().dup()))
                .hasMessageContaining("shard 2");
    }

    @Test
    void coupledSamplesAreRefused() {
        assertThatThrownBy(() -> ShardNetwork.of(Example.CONVOLUTION.network(), BatchStatistics.COUPLED))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("batchStatistics(CONSTANT)");
    }

    @Test
    void masksAreRefused() {
        DataSet data = Example.DENSE.data();
        data.setLabelsMaskArray(Nd4j.ones(DataType.DOUBLE, SAMPLES, 1));
        assertThatThrownBy(() -> LocalShards.cut(data, 5)).hasMessageContaining("masks");
    }

    @Test
    void sumsOfDifferentModelsAreNotAdded() {
        SampleSums one = SampleSums.of(1).with(SampleSums.LOSS, 1.0).build();
        SampleSums two = SampleSums.of(1).with(SampleSums.LOSS, 1.0, 2.0).build();
        assertThatThrownBy(() -> one.plus(two)).hasMessageContaining("loss").hasMessageContaining("different models");
        assertThat(SampleSums.NONE.plus(one)).isEqualTo(one);
        assertThat(one.plus(SampleSums.NONE)).isEqualTo(one);
    }
}
