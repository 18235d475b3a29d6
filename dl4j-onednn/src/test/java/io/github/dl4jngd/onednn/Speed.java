package io.github.dl4jngd.onednn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Prints the time of a training step and of inference with the helpers and without, and their ratio, in one run: steps
 * with and without take turns, and medians are compared. The README has the command.
 */
final class Speed {
    private static final int MINIBATCH = 128;
    private static final int SIZE = 32;
    private static final int CHANNELS = 3;
    private static final int WARM_UP = 3;
    private static final int REPETITIONS = 11;

    private Speed() {}

    public static void main(String[] arguments) {
        System.out.println(OneDnn.enable());
        for (CNN2DFormat format : CNN2DFormat.values()) {
            compare(
                    "two convolutions, " + format,
                    format,
                    Networks.convolution(format, 3, Activation.RELU, 16),
                    Networks.convolution(format, 3, Activation.RELU, 16),
                    maxPooling(format));
            List<Layer> layers = new ArrayList<>();
            for (int channels : new int[] {16, 16, 32, 32}) {
                layers.add(Networks.convolution(
                        format, 3, 1, 0, ConvolutionMode.Same, false, Activation.IDENTITY, channels));
                layers.add(Networks.batchNormalization(format));
                layers.add(new ActivationLayer(Activation.RELU));
                if (layers.size() % 6 == 0) {
                    layers.add(maxPooling(format));
                }
            }
            compare("four convolutions with batch normalisation, " + format, format, layers.toArray(new Layer[0]));
        }
    }

    private static Layer maxPooling(CNN2DFormat format) {
        return Networks.pooling(format, SubsamplingLayer.PoolingType.MAX, 2, 2, 0, ConvolutionMode.Truncate, false);
    }

    private static void compare(String name, CNN2DFormat format, Layer... layers) {
        MultiLayerConfiguration configuration =
                Networks.configuration(DataType.FLOAT, format, SIZE, SIZE, CHANNELS, layers);
        MultiLayerNetwork without = Networks.withoutHelpers(configuration);
        MultiLayerNetwork with = Networks.withHelpers(configuration);
        INDArray images = Networks.images(DataType.FLOAT, format, MINIBATCH, SIZE, SIZE, CHANNELS);
        DataSet minibatch = new DataSet(images, Networks.labels(DataType.FLOAT, MINIBATCH));
        System.out.printf("%s (%d images of %d x %d x %d)%n", name, MINIBATCH, SIZE, SIZE, CHANNELS);
        compare("training step", without, with, network -> network.fit(minibatch));
        compare("inference", without, with, network -> network.output(images));
    }

    private static void compare(
            String what, MultiLayerNetwork without, MultiLayerNetwork with, Consumer<MultiLayerNetwork> work) {
        double[] slow = new double[REPETITIONS];
        double[] fast = new double[REPETITIONS];
        for (int i = -WARM_UP; i < REPETITIONS; i++) {
            double off = milliseconds(without, work);
            double on = milliseconds(with, work);
            if (i >= 0) {
                slow[i] = off;
                fast[i] = on;
            }
        }
        double off = median(slow);
        double on = median(fast);
        System.out.printf(
                Locale.ROOT, "  %-13s  without %7.1f ms, with %6.1f ms, ratio %.1f%n", what, off, on, off / on);
    }

    private static double milliseconds(MultiLayerNetwork network, Consumer<MultiLayerNetwork> work) {
        long start = System.nanoTime();
        work.accept(network);
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
