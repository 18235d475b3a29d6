package io.github.dl4jngd.transfer;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.inverse.InvertMatrix;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Penalties against explicit matrices in float64. */
class AnchoredPenaltyTest {

    private static final double TEST_F64 = 1e-9;
    private static final int IN = 4;
    private static final int OUT = 2;

    @TempDir
    private Path folder;

    private static NeuralNetConfiguration.ListBuilder list() {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.5))
                .biasInit(0.1)
                .list();
    }

    private static OutputLayer output(int in) {
        return new OutputLayer.Builder(LossFunction.L2)
                .nIn(in)
                .nOut(OUT)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static MultiLayerNetwork linear() {
        return initialised(list().layer(output(IN)).build());
    }

    private static MultiLayerNetwork deep() {
        return initialised(list().layer(new DenseLayer.Builder()
                        .nIn(IN)
                        .nOut(3)
                        .activation(Activation.TANH)
                        .build())
                .layer(output(3))
                .build());
    }

    private static MultiLayerNetwork initialised(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    private static DataSet data(long seed, int samples) {
        Random random = new Random(seed);
        return new DataSet(
                normal(random, 1, DataType.DOUBLE, samples, IN), normal(random, 1, DataType.DOUBLE, samples, OUT));
    }

    private static DataSetIterator batches(DataSet data, int size) {
        return new ExistingDataSetIterator(data.batchBy(size));
    }

    private static INDArray augmented(DataSet data) {
        return Nd4j.hstack(data.getFeatures(), Nd4j.ones(DataType.DOUBLE, data.numExamples(), 1));
    }

    /** The parameters of the linear network that minimise the sum of squares, W column by column, then b. */
    private static INDArray leastSquares(DataSet data) {
        INDArray x = augmented(data);
        INDArray solution = InvertMatrix.invert(x.transpose().mmul(x), false)
                .mmul(x.transpose())
                .mmul(data.getLabels());
        INDArray flat = Nd4j.create(DataType.DOUBLE, (IN + 1) * OUT);
        for (int k = 0; k < OUT; k++) {
            for (int i = 0; i < IN; i++) {
                flat.putScalar(k * IN + i, solution.getDouble(i, k));
            }
            flat.putScalar(IN * OUT + k, solution.getDouble(IN, k));
        }
        return flat;
    }

    private static INDArray change(Model model, DataSet batch) {
        INDArray before = model.params().dup();
        ((NeuralNetwork) model).fit(batch);
        return model.params().sub(before).reshape(before.length());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRidgePullsBack(boolean graph) {
        DataSet batch = data(1, 6);
        Model model = graph ? deep().toComputationGraph() : deep();
        Model plain = graph ? deep().toComputationGraph() : deep();
        AnchoredPenalty ridge = AnchoredPenalty.ridge(0.3);
        assertThatThrownBy(() -> ridge.attach(model, 1)).hasMessageContaining("learnt");
        ridge.learnt(model, batches(batch, 6));
        INDArray anchor = model.params().dup();
        INDArray moved = normal(new Random(5), 0.5, DataType.DOUBLE, 1, anchor.length());
        model.setParams(anchor.add(moved));
        plain.setParams(anchor.add(moved));
        ridge.attach(model, 6);
        double penalty = 0.15 * Math.pow(moved.norm2Number().doubleValue(), 2);
        assertThat(ridge.value()).isCloseTo(penalty, within(TEST_F64));
        INDArray expected =
                change(plain, batch).sub(moved.reshape(moved.length()).mul(0.5 * 0.3));
        assertThat(relativeError(change(model, batch), expected)).isLessThan(TEST_F64);
        assertThat(model.score() - plain.score()).isCloseTo(penalty, within(TEST_F64));
        assertThatThrownBy(() -> ridge.learnt(model, batches(batch, 6))).isInstanceOf(IllegalStateException.class);
        ridge.detach();
        model.setParams(anchor);
        plain.setParams(anchor);
        assertThat(change(model, batch)).isEqualTo(change(plain, batch));
    }

    /**
     * One dense layer and squared loss, whose Fisher matrix is A ⊗ G exactly: the minimum of what is left of task B and
     * the anchor is that of both tasks' sums together.
     */
    @Test
    void theAnchorIsJointTrainingWhereItIsExact() {
        DataSet first = data(1, 30);
        DataSet second = data(2, 10);
        MultiLayerNetwork network = linear();
        network.setParams(leastSquares(first));
        AnchoredPenalty anchor = AnchoredPenalty.kroneckerFactored(1, 0);
        anchor.learnt(network, batches(first, 7));
        anchor.attach(network, 10);
        INDArray joint = leastSquares(DataSet.merge(List.of(first, second)));
        network.setParams(joint);
        assertThat(change(network, second).norm2Number().doubleValue()).isLessThan(1e-11);
        network.setParams(leastSquares(second));
        assertThat(change(network, second).norm2Number().doubleValue()).isGreaterThan(1e-2);
        anchor.detach();
        // another weight is another function
        AnchoredPenalty weak = AnchoredPenalty.kroneckerFactored(0.1, 0);
        network.setParams(leastSquares(first));
        weak.learnt(network, batches(first, 7));
        weak.attach(network, 10);
        network.setParams(joint);
        assertThat(change(network, second).norm2Number().doubleValue()).isGreaterThan(1e-2);
    }

    /** Three tasks: one anchor at the newest parameters with the sum of the Fisher matrices, and damping. */
    @Test
    void severalTasksShareOneAnchor() {
        DataSet first = data(1, 30);
        DataSet second = data(2, 10);
        DataSet third = data(3, 8);
        MultiLayerNetwork network = linear();
        network.setParams(leastSquares(first));
        AnchoredPenalty anchor = AnchoredPenalty.kroneckerFactored(1, 0);
        anchor.learnt(network, batches(first, 30));
        network.setParams(leastSquares(DataSet.merge(List.of(first, second))));
        anchor.learnt(network, batches(second, 3));
        assertThat(anchor.tasks()).isEqualTo(2);
        anchor.attach(network, 8);
        network.setParams(leastSquares(DataSet.merge(List.of(first, second, third))));
        assertThat(change(network, third).norm2Number().doubleValue()).isLessThan(1e-11);
        anchor.detach();

        AnchoredPenalty damped = AnchoredPenalty.kroneckerFactored(1, 0.2);
        MultiLayerNetwork other = linear();
        damped.learnt(other, batches(first, 30));
        INDArray moved = normal(new Random(6), 0.5, DataType.DOUBLE, 1, other.numParams());
        other.setParams(other.params().add(moved));
        damped.attach(other, 8);
        double withDamping = damped.value();
        damped.detach();
        AnchoredPenalty bare = AnchoredPenalty.kroneckerFactored(1, 0);
        other.setParams(other.params().sub(moved));
        bare.learnt(other, batches(first, 30));
        other.setParams(other.params().add(moved));
        bare.attach(other, 8);
        double square = Math.pow(moved.norm2Number().doubleValue(), 2);
        assertThat(withDamping - bare.value()).isCloseTo(0.5 * 30 / 8 * 0.2 * square, within(1e-9));
    }

    @Test
    void aSavedAnchorIsTheSame() throws IOException {
        DataSet first = data(1, 12);
        MultiLayerNetwork network = deep();
        AnchoredPenalty anchor = AnchoredPenalty.kroneckerFactored(0.7, 0.01);
        assertThatThrownBy(() -> anchor.save(network, folder.resolve("none.zip")))
                .isInstanceOf(IllegalStateException.class);
        anchor.learnt(network, batches(first, 5));
        Path file = folder.resolve("model.zip");
        anchor.save(network, file);
        MultiLayerNetwork read = ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
        assertThat(read.params()).isEqualTo(network.params());
        AnchoredPenalty loaded = AnchoredPenalty.load(file);
        assertThat(loaded.toString()).isEqualTo(anchor.toString());
        DataSet second = data(2, 6);
        anchor.attach(network, 6);
        loaded.attach(read, 6);
        for (int step = 0; step < 3; step++) {
            network.fit(second);
            read.fit(second);
        }
        assertThat(read.params()).isEqualTo(network.params());
        assertThat(loaded.value()).isEqualTo(anchor.value()).isPositive();
        ModelSerializer.writeModel(network, folder.resolve("plain.zip").toFile(), true);
        assertThatThrownBy(() -> AnchoredPenalty.load(folder.resolve("plain.zip")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no anchor");
    }

    @Test
    void copiesAndFilesHaveNothingOfIt() {
        DataSet batch = data(1, 6);
        MultiLayerNetwork network = deep();
        String json = network.getLayerWiseConfigurations().toJson();
        AnchoredPenalty ridge = AnchoredPenalty.ridge(10);
        ridge.learnt(network, batches(batch, 6));
        ridge.attach(network, 6);
        assertThat(network.getLayerWiseConfigurations().toJson()).isEqualTo(json);
        MultiLayerNetwork copy = network.clone();
        MultiLayerNetwork plain = deep();
        for (int step = 0; step < 2; step++) {
            copy.fit(batch);
            plain.fit(batch);
        }
        assertThat(copy.params()).isEqualTo(plain.params());
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> AnchoredPenalty.ridge(0)).hasMessageContaining("λ");
        assertThatThrownBy(() -> AnchoredPenalty.kroneckerFactored(1, -1)).hasMessageContaining("ρ");
        AnchoredPenalty ridge = AnchoredPenalty.ridge(1);
        ridge.learnt(linear(), batches(data(1, 6), 6));
        assertThatThrownBy(() -> ridge.attach(deep(), 6)).hasMessageContaining("parameters");
        assertThatThrownBy(ridge::detach).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(ridge::value).isInstanceOf(IllegalStateException.class);
    }
}
