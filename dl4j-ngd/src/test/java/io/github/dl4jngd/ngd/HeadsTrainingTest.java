package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Models with heads as people have them train: attached at K-FAC's defaults, 30 steps lower the loss. */
class HeadsTrainingTest {

    private static final int SAMPLES = 32;
    private static final int STEPS = 30;

    static Stream<Arguments> heads() {
        INDArray x = normal(new Random(1), 1, DataType.FLOAT, SAMPLES, 6);
        INDArray classes = Nd4j.create(DataType.FLOAT, SAMPLES, 3);
        for (int n = 0; n < SAMPLES; n++) {
            double first = x.getDouble(n, 0);
            classes.putScalar(n, first > 0.4 ? 0 : x.getDouble(n, 1) > 0 ? 1 : 2, 1);
        }
        INDArray bits =
                x.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 3)).gt(0).castTo(DataType.FLOAT);
        INDArray real = Transforms.sin(x, true)
                .get(NDArrayIndex.all(), NDArrayIndex.interval(1, 4))
                .dup();
        InputType vectors = InputType.feedForward(6);
        INDArray sequences = normal(new Random(2), 1, DataType.FLOAT, SAMPLES, 4, 6);
        INDArray steps = Nd4j.create(DataType.FLOAT, SAMPLES, 2, 6);
        INDArray mask = Nd4j.ones(DataType.FLOAT, SAMPLES, 6);
        for (int n = 0; n < SAMPLES; n++) {
            for (int t = 0; t < 6; t++) {
                steps.putScalar(new int[] {n, sequences.getDouble(n, 0, t) > 0 ? 1 : 0, t}, 1);
            }
            mask.putScalar(n, 5, n % 2);
        }
        INDArray images = normal(new Random(3), 1, DataType.FLOAT, SAMPLES, 2, 8, 8);
        INDArray pixels = images.get(
                        NDArrayIndex.all(), NDArrayIndex.interval(0, 1), NDArrayIndex.all(), NDArrayIndex.all())
                .gt(0)
                .castTo(DataType.FLOAT);
        return Stream.of(
                head(
                        "softmax, loss layer",
                        x,
                        classes,
                        null,
                        vectors,
                        dense(3, Activation.SOFTMAX),
                        loss(LossFunction.MCXENT)),
                head(
                        "sigmoid, loss layer",
                        x,
                        bits,
                        null,
                        vectors,
                        dense(3, Activation.SIGMOID),
                        loss(LossFunction.XENT)),
                head(
                        "MAE",
                        x,
                        real,
                        null,
                        vectors,
                        dense(8, Activation.TANH),
                        output(LossFunction.MEAN_ABSOLUTE_ERROR)),
                head(
                        "hinge",
                        x,
                        bits.mul(2).subi(1),
                        null,
                        vectors,
                        dense(8, Activation.TANH),
                        output(LossFunction.HINGE)),
                head(
                        "squared hinge",
                        x,
                        bits.mul(2).subi(1),
                        null,
                        vectors,
                        dense(8, Activation.TANH),
                        output(LossFunction.SQUARED_HINGE)),
                head(
                        "steps, mask",
                        sequences,
                        steps,
                        mask,
                        InputType.recurrent(4, 6),
                        new Convolution1DLayer.Builder(3)
                                .convolutionMode(ConvolutionMode.Same)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        new RnnLossLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .build()),
                head(
                        "pixels",
                        images,
                        pixels,
                        null,
                        InputType.convolutional(8, 8, 2),
                        new ConvolutionLayer.Builder(3, 3)
                                .convolutionMode(ConvolutionMode.Same)
                                .nOut(1)
                                .activation(Activation.IDENTITY)
                                .build(),
                        new CnnLossLayer.Builder(LossFunction.XENT)
                                .activation(Activation.SIGMOID)
                                .build()));
    }

    private static Arguments head(
            String name, INDArray x, INDArray y, INDArray mask, InputType input, Layer... layers) {
        return Arguments.of(name, x, y, mask, input, List.of(layers));
    }

    private static Layer dense(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    private static Layer loss(LossFunction function) {
        return new LossLayer.Builder(function).activation(Activation.IDENTITY).build();
    }

    private static Layer output(LossFunction function) {
        return new OutputLayer.Builder(function)
                .nOut(3)
                .activation(Activation.IDENTITY)
                .build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("heads")
    void lossFalls(String name, INDArray x, INDArray y, INDArray mask, InputType input, List<Layer> layers) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .list();
        layers.forEach(list::layer);
        MultiLayerNetwork network =
                new MultiLayerNetwork(list.setInputType(input).build());
        network.init();
        NaturalGradient.attach(network, Kfac.defaults());
        network.fit(x, y, null, mask);
        double first = network.score();
        for (int step = 1; step < STEPS; step++) {
            network.fit(x, y, null, mask);
        }
        assertThat(network.score()).isLessThan(0.8 * first);
    }

    /**
     * The centres of a centre loss move as they do without a natural gradient, and the loss falls.
     *
     * <p>Without workspaces: in those that another network has left, Deeplearning4j's layer finds its input released.
     */
    @Test
    void centreLoss() {
        MultiLayerNetwork plain = withCentres();
        MultiLayerNetwork natural = withCentres();
        NaturalGradient.attach(natural, Kfac.defaults());
        INDArray x = normal(new Random(1), 1, DataType.FLOAT, SAMPLES, 6);
        INDArray y = Nd4j.create(DataType.FLOAT, SAMPLES, 3);
        for (int n = 0; n < SAMPLES; n++) {
            y.putScalar(n, n % 3, 1);
        }
        plain.fit(x, y);
        natural.fit(x, y);
        assertThat(natural.getParam("1_cL")).isEqualTo(plain.getParam("1_cL"));
        assertThat(plain.getParam("1_cL").norm2Number().doubleValue()).isPositive();
        for (String key : List.of("0_W", "0_b", "1_W", "1_b")) {
            assertThat(natural.getParam(key)).isNotEqualTo(plain.getParam(key));
        }
        double first = natural.score();
        for (int step = 1; step < STEPS; step++) {
            plain.fit(x, y);
            natural.fit(x, y);
        }
        assertThat(natural.score()).isLessThan(0.8 * first).isLessThan(plain.score());
    }

    private static MultiLayerNetwork withCentres() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1.0))
                .trainingWorkspaceMode(WorkspaceMode.NONE)
                .list()
                .layer(dense(8, Activation.TANH))
                .layer(new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .lambda(0.1)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(6))
                .build());
        network.init();
        return network;
    }
}
