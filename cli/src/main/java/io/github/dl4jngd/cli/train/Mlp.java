package io.github.dl4jngd.cli.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Multi-layer perceptrons for classification, softmax with multi-class cross-entropy at the end. All networks that one
 * object builds start from the same parameters: He initialisation for ReLU, Xavier for other activations, biases 0.
 */
final class Mlp implements NetworkFamily {

    private final int inputs;
    private final List<Integer> hidden;
    private final int classes;
    private final Activation activation;
    private final DataType dataType;
    private final long seed;
    private final INDArray initialParameters;

    Mlp(int inputs, List<Integer> hidden, int classes, Activation activation, DataType dataType, long seed) {
        this.inputs = inputs;
        this.hidden = List.copyOf(hidden);
        this.classes = classes;
        this.activation = activation;
        this.dataType = dataType;
        this.seed = seed;
        MultiLayerNetwork first = new MultiLayerNetwork(configuration(new NoOp()));
        first.init();
        initialParameters = first.params().dup();
    }

    @Override
    public TrainingModel network(IUpdater updater) {
        return TrainingModel.of(multiLayerNetwork(updater));
    }

    MultiLayerNetwork multiLayerNetwork(IUpdater updater) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(updater));
        network.init(initialParameters, true);
        return network;
    }

    private MultiLayerConfiguration configuration(IUpdater updater) {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(dataType)
                .updater(updater)
                .activation(activation)
                .weightInit(activation == Activation.RELU ? WeightInit.RELU : WeightInit.XAVIER)
                .list();
        for (int width : hidden) {
            layers.layer(new DenseLayer.Builder().nOut(width).build());
        }
        return layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(classes)
                        .activation(Activation.SOFTMAX)
                        .weightInit(WeightInit.XAVIER)
                        .build())
                .setInputType(InputType.feedForward(inputs))
                .build();
    }

    String activation() {
        return activation.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public long parameters() {
        return initialParameters.length();
    }

    @Override
    public Map<String, Object> details() {
        return Map.of("activation", activation());
    }

    /** The widths of all layers, such as {@code 784-512-512-10}. */
    @Override
    public String shape() {
        List<Integer> widths = new ArrayList<>(hidden);
        widths.add(0, inputs);
        widths.add(classes);
        return widths.stream().map(String::valueOf).collect(Collectors.joining("-"));
    }
}
