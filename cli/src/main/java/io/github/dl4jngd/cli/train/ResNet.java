package io.github.dl4jngd.cli.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Residual networks for 32×32 images (He et al. 2016, §4.2): a 3×3 convolution, three stages of n blocks with w, 2w and
 * 4w channels, 6n + 2 layers, global average pooling and a softmax. A block is two 3×3 convolutions beside the
 * identity, or beside a 1×1 convolution of stride 2 where the size changes. All networks of one object start from the
 * same parameters.
 */
final class ResNet implements NetworkFamily {

    private static final int STAGES = 3;
    private static final int LAYERS_PER_BLOCK_OF_ALL_STAGES = 6;

    private final InputType input;
    private final int depth;
    private final int width;
    private final boolean normalized;
    private final int classes;
    private final DataType dataType;
    private final long seed;
    private final INDArray initialParameters;

    /**
     * A form of network.
     *
     * @param depth 6n + 2
     * @param width channels of the first stage
     * @param normalized with batch normalisation after every convolution, else with biases
     */
    ResNet(InputType input, int depth, int width, boolean normalized, int classes, DataType dataType, long seed) {
        this.input = input;
        this.depth = depth;
        this.width = width;
        this.normalized = normalized;
        this.classes = classes;
        this.dataType = dataType;
        this.seed = seed;
        ComputationGraph first = new ComputationGraph(configuration(new NoOp()));
        first.init();
        initialParameters = first.params().dup();
    }

    @Override
    public TrainingModel network(IUpdater updater) {
        ComputationGraph graph = new ComputationGraph(configuration(updater));
        graph.init(initialParameters, true);
        return TrainingModel.of(graph);
    }

    private ComputationGraphConfiguration configuration(IUpdater updater) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(dataType)
                .updater(updater)
                .weightInit(WeightInit.RELU)
                .activation(Activation.IDENTITY)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(input);
        String below = rectified(builder, "stem", convolved(builder, "stem", "image", width, 3, 1));
        int blocks = (depth - 2) / LAYERS_PER_BLOCK_OF_ALL_STAGES;
        for (int stage = 1; stage <= STAGES; stage++) {
            int channels = width << (stage - 1);
            for (int block = 1; block <= blocks; block++) {
                int stride = stage > 1 && block == 1 ? 2 : 1;
                below = block(builder, "stage" + stage + "-block" + block, below, channels, stride);
            }
        }
        return builder.addLayer("average", new GlobalPoolingLayer(PoolingType.AVG), below)
                .addLayer(
                        "classes",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(classes)
                                .activation(Activation.SOFTMAX)
                                .weightInit(WeightInit.XAVIER)
                                .build(),
                        "average")
                .setOutputs("classes")
                .build();
    }

    private String block(GraphBuilder builder, String name, String below, int channels, int stride) {
        String first = rectified(builder, name + "-1", convolved(builder, name + "-1", below, channels, 3, stride));
        String second = convolved(builder, name + "-2", first, channels, 3, 1);
        String shortcut = stride == 1 ? below : convolved(builder, name + "-shortcut", below, channels, 1, stride);
        builder.addVertex(name + "-sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), second, shortcut);
        return rectified(builder, name, name + "-sum");
    }

    private String convolved(GraphBuilder builder, String name, String below, int channels, int kernel, int stride) {
        builder.addLayer(
                name + "-conv",
                new ConvolutionLayer.Builder(kernel, kernel)
                        .nOut(channels)
                        .stride(stride, stride)
                        .hasBias(!normalized)
                        .build(),
                below);
        if (!normalized) {
            return name + "-conv";
        }
        builder.addLayer(name + "-norm", new BatchNormalization(), name + "-conv");
        return name + "-norm";
    }

    private static String rectified(GraphBuilder builder, String name, String below) {
        builder.addLayer(name + "-relu", new ActivationLayer(Activation.RELU), below);
        return name + "-relu";
    }

    @Override
    public long parameters() {
        return initialParameters.length();
    }

    @Override
    public String shape() {
        return "ResNet-" + depth + (width == 16 ? "" : ", width " + width)
                + (normalized ? "" : ", no batch normalisation");
    }

    @Override
    public Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("depth", depth);
        details.put("width", width);
        details.put("batch_normalization", normalized);
        return details;
    }
}
