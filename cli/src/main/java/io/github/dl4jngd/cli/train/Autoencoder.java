package io.github.dl4jngd.cli.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Deep autoencoders: an encoder of sigmoid layers down to a linear code, its mirror image back to sigmoid pixels,
 * binary cross-entropy (Hinton &amp; Salakhutdinov 2006; Martens &amp; Grosse 2015, §13). Sparse initialisation
 * (Martens 2010): every unit has {@value #CONNECTIONS} incoming weights from N(0, 1), all others and the biases are 0;
 * from dense small weights every method stays at the mean image for hundreds of steps. All networks of one object start
 * from the same parameters.
 */
final class Autoencoder implements NetworkFamily {

    private static final int CONNECTIONS = 15;

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
        initialize(first);
        initialParameters = first.params().dup();
    }

    private void initialize(MultiLayerNetwork network) {
        RandomGenerator random = new SplittableRandom(seed);
        for (int layer = 0; layer < network.getnLayers(); layer++) {
            INDArray weights = network.getParam(layer + "_" + DefaultParamInitializer.WEIGHT_KEY);
            weights.assign(0);
            int in = Math.toIntExact(weights.size(0));
            for (int unit = 0; unit < weights.size(1); unit++) {
                int column = unit;
                random.ints(0, in)
                        .distinct()
                        .limit(Math.min(in, CONNECTIONS))
                        .forEach(input -> weights.putScalar(input, column, random.nextGaussian()));
            }
            network.getParam(layer + "_" + DefaultParamInitializer.BIAS_KEY).assign(0);
        }
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

    INDArray initialParameters() {
        return initialParameters.dup();
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
        details.put("initialization", "sparse");
        details.put("code", encoder.get(encoder.size() - 1));
        return details;
    }
}
