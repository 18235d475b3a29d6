package io.github.dl4jngd.examples.train;

import java.util.LinkedHashMap;
import java.util.List;
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
 * Deep autoencoders: an encoder of sigmoid layers down to a linear code, its mirror image back to sigmoid pixels, binary cross-entropy
 * (Hinton &amp; Salakhutdinov 2006; Martens &amp; Grosse 2015, §13). Xavier initialisation. All networks of one object start from the same
 * parameters.
 */
final class Autoencoder implements NetworkFamily {

    private final int inputs;
    private final List<Integer> encoder;
    private final DataType dataType;
    private final long seed;
    private final INDArray initialParameters;

    /**
     * A form of network.
     *
     * @param encoder widths from the first hidden layer to the code
     */
    Autoencoder(int inputs, List<Integer> encoder, DataType dataType, long seed) {
        this.inputs = inputs;
        this.encoder = List.copyOf(encoder);
        this.dataType = dataType;
        this.seed = seed;
        MultiLayerNetwork first = new MultiLayerNetwork(configuration(new NoOp()));
        first.init();
        initialParameters = first.params().dup();
    }

    @Override
    public TrainingModel network(IUpdater updater) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(updater));
        network.init(initialParameters, true);
        return TrainingModel.of(network);
    }

    private MultiLayerConfiguration configuration(IUpdater updater) {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(dataType)
                .updater(updater)
                .activation(Activation.SIGMOID)
                .weightInit(WeightInit.XAVIER)
                .list();
        int code = encoder.size() - 1;
        for (int i = 0; i <= code; i++) {
            layers.layer(new DenseLayer.Builder()
                    .nOut(encoder.get(i))
                    .activation(i == code ? Activation.IDENTITY : Activation.SIGMOID)
                    .build());
        }
        for (int i = code - 1; i >= 0; i--) {
            layers.layer(new DenseLayer.Builder().nOut(encoder.get(i)).build());
        }
        return layers.layer(new OutputLayer.Builder(LossFunction.XENT)
                        .nOut(inputs)
                        .activation(Activation.SIGMOID)
                        .build())
                .setInputType(InputType.feedForward(inputs))
                .build();
    }

    @Override
    public long parameters() {
        return initialParameters.length();
    }

    @Override
    public String shape() {
        String down = encoder.stream().map(String::valueOf).collect(Collectors.joining("-"));
        StringBuilder up = new StringBuilder();
        for (int i = encoder.size() - 2; i >= 0; i--) {
            up.append('-').append(encoder.get(i));
        }
        return inputs + "-" + down + up + "-" + inputs;
    }

    @Override
    public Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("activation", "sigmoid");
        details.put("code", encoder.get(encoder.size() - 1));
        return details;
    }
}
