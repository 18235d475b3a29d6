package io.github.dl4jngd.testing;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Seeded random networks and minibatches over depths, activations, losses, biases and outputs. */
public final class TestNetworks {

    private TestNetworks() {}

    /** One case of the grid. */
    public record Case(
            String name,
            List<Integer> sizes,
            Activation activation,
            LossFunction loss,
            Activation outputActivation,
            boolean bias,
            int samples,
            DataType dataType,
            boolean lossLayer,
            long seed) {

        public Case {
            sizes = List.copyOf(sizes);
        }

        public Case withDataType(DataType type) {
            return new Case(name, sizes, activation, loss, outputActivation, bias, samples, type, lossLayer, seed);
        }

        public int outputs() {
            return sizes.get(sizes.size() - 1);
        }

        public MultiLayerNetwork network() {
            return network(new Sgd(1.0));
        }

        /** A network with random weights and biases. */
        public MultiLayerNetwork network(IUpdater updater) {
            var builder = new NeuralNetConfiguration.Builder()
                    .seed(seed)
                    .dataType(dataType)
                    .updater(updater)
                    .weightInit(WeightInit.XAVIER)
                    .list();
            int last = sizes.size() - 1;
            for (int l = 1; l < last; l++) {
                builder.layer(new DenseLayer.Builder()
                        .nIn(sizes.get(l - 1))
                        .nOut(sizes.get(l))
                        .hasBias(bias)
                        .activation(activation)
                        .build());
            }
            if (lossLayer) {
                builder.layer(new DenseLayer.Builder()
                        .nIn(sizes.get(last - 1))
                        .nOut(sizes.get(last))
                        .hasBias(bias)
                        .activation(Activation.IDENTITY)
                        .build());
                builder.layer(new ActivationLayer(Activation.IDENTITY));
                builder.layer(
                        new LossLayer.Builder(loss).activation(outputActivation).build());
            } else {
                builder.layer(new OutputLayer.Builder(loss)
                        .nIn(sizes.get(last - 1))
                        .nOut(sizes.get(last))
                        .hasBias(bias)
                        .activation(outputActivation)
                        .build());
            }
            MultiLayerNetwork network = new MultiLayerNetwork(builder.build());
            network.init();
            Random random = new Random(seed);
            INDArray params = network.params();
            network.setParams(params.add(normal(random, 0.2, dataType, params.shape())));
            return network;
        }

        public INDArray input() {
            return normal(new Random(seed + 1), 1, dataType, samples, sizes.get(0));
        }

        public INDArray labels() {
            Random random = new Random(seed + 2);
            return switch (loss) {
                case MCXENT, NEGATIVELOGLIKELIHOOD -> {
                    INDArray y = Nd4j.zeros(dataType, samples, outputs());
                    for (int n = 0; n < samples; n++) {
                        y.putScalar(n, random.nextInt(outputs()), 1);
                    }
                    yield y;
                }
                case XENT -> {
                    INDArray y = Nd4j.zeros(dataType, samples, outputs());
                    for (int n = 0; n < samples; n++) {
                        for (int k = 0; k < outputs(); k++) {
                            y.putScalar(n, k, random.nextInt(2));
                        }
                    }
                    yield y;
                }
                default -> normal(random, 1, dataType, samples, outputs());
            };
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Normal numbers from a generator of the test's own. */
    public static INDArray normal(Random random, double deviation, DataType dataType, long... shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        double[] values = random.doubles(length).toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return Nd4j.createFromArray(values).castTo(dataType).reshape(shape);
    }

    private static Case of(
            String name,
            Activation activation,
            LossFunction loss,
            Activation output,
            boolean bias,
            boolean lossLayer,
            int samples,
            Integer... sizes) {
        return new Case(
                name,
                List.of(sizes),
                activation,
                loss,
                output,
                bias,
                samples,
                DataType.DOUBLE,
                lossLayer,
                name.hashCode());
    }

    /** The grid, in float64. */
    public static Stream<Case> grid() {
        return List.of(
                of(
                        "one layer, L2, one output",
                        Activation.TANH,
                        LossFunction.L2,
                        Activation.IDENTITY,
                        true,
                        false,
                        5,
                        4,
                        1),
                of(
                        "two layers, relu, L2",
                        Activation.RELU,
                        LossFunction.L2,
                        Activation.IDENTITY,
                        false,
                        false,
                        6,
                        5,
                        7,
                        3),
                of(
                        "three layers, tanh, MSE",
                        Activation.TANH,
                        LossFunction.MSE,
                        Activation.IDENTITY,
                        true,
                        false,
                        6,
                        5,
                        6,
                        4,
                        2),
                of(
                        "three layers, relu, one output",
                        Activation.RELU,
                        LossFunction.MSE,
                        Activation.IDENTITY,
                        false,
                        false,
                        5,
                        6,
                        8,
                        7,
                        1),
                of("softmax, relu", Activation.RELU, LossFunction.MCXENT, Activation.SOFTMAX, true, false, 7, 5, 6, 3),
                of(
                        "softmax, swish, four layers",
                        Activation.SWISH,
                        LossFunction.NEGATIVELOGLIKELIHOOD,
                        Activation.SOFTMAX,
                        true,
                        false,
                        4,
                        4,
                        5,
                        6,
                        5,
                        4),
                of(
                        "sigmoid, one output",
                        Activation.SIGMOID,
                        LossFunction.XENT,
                        Activation.SIGMOID,
                        true,
                        false,
                        6,
                        5,
                        6,
                        1),
                of(
                        "sigmoid, three outputs, elu",
                        Activation.ELU,
                        LossFunction.XENT,
                        Activation.SIGMOID,
                        false,
                        false,
                        5,
                        4,
                        7,
                        3),
                of(
                        "squared error of a tanh output",
                        Activation.SOFTPLUS,
                        LossFunction.MSE,
                        Activation.TANH,
                        true,
                        false,
                        5,
                        4,
                        5,
                        3),
                of(
                        "loss layer, softmax",
                        Activation.LEAKYRELU,
                        LossFunction.MCXENT,
                        Activation.SOFTMAX,
                        true,
                        true,
                        6,
                        5,
                        6,
                        3),
                of(
                        "five layers, gelu, L2",
                        Activation.GELU,
                        LossFunction.L2,
                        Activation.IDENTITY,
                        true,
                        false,
                        4,
                        3,
                        4,
                        5,
                        4,
                        3,
                        2))
                .stream();
    }

    /** DL4J's own gradient of the mean loss, flat, [P], from its own backward pass. */
    public static INDArray gradient(MultiLayerNetwork network, INDArray input, INDArray labels) {
        network.setInput(input);
        network.setLabels(labels);
        network.computeGradientAndScore();
        INDArray flat = network.getFlattenedGradients();
        return flat.reshape(flat.length()).div(input.size(0));
    }

    /** ‖a − b‖/‖b‖. */
    public static double relativeError(INDArray actual, INDArray expected) {
        INDArray a = actual.castTo(DataType.DOUBLE).reshape(actual.length());
        INDArray b = expected.castTo(DataType.DOUBLE).reshape(expected.length());
        double norm = b.norm2Number().doubleValue();
        double difference = a.sub(b).norm2Number().doubleValue();
        return norm == 0 ? difference : difference / norm;
    }
}
