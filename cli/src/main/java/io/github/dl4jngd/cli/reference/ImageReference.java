package io.github.dl4jngd.cli.reference;

import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.List;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A reference file about a convolutional network: a quantity has one array for each parameter,
 * {@code gradient/conv1/W}.
 */
final class ImageReference implements Reference {

    private final ReferenceFile file;
    private final ImageNetwork network;
    private final OutputLoss loss;
    private final ComputationGraph graph;
    private final LinearizedNetwork linearized;
    private final INDArray input;
    private final INDArray labels;

    private ImageReference(
            ReferenceFile file,
            ImageNetwork network,
            OutputLoss loss,
            ComputationGraph graph,
            INDArray input,
            INDArray labels)
            throws UnusableFileException {
        this.file = file;
        this.network = network;
        this.loss = loss;
        this.graph = graph;
        this.linearized = LinearizedNetwork.of(graph);
        this.input = input;
        this.labels = labels;
        INDArray parameters = linearized.parameters();
        for (LayerDescription layer : linearized.layers()) {
            for (ParameterSlice slice : layer.trainableParameters()) {
                slice.of(parameters).assign(part("param", layer, slice));
            }
        }
    }

    static ImageReference of(ReferenceFile file, DataType dataType) throws UnusableFileException {
        String name = file.description().text("network");
        ImageNetwork network = ImageNetwork.named(name)
                .orElseThrow(() -> new UnusableFileException(
                        file.path(), "the network '" + name + "' is unknown, expected one of " + ImageNetwork.names()));
        OutputLoss loss = Reference.loss(file);
        INDArray input = file.array("x", -1, -1, -1, -1);
        INDArray labels = file.array("y", input.size(0), -1);
        List<String> layers = file.description().texts("layers");
        for (String layer : layers) {
            if (file.names().stream().noneMatch(array -> array.startsWith("param/" + layer + "/"))) {
                throw new UnusableFileException(
                        file.path(), "has no parameters of the layer '" + layer + "', which its JSON lists");
            }
        }
        Channels channels = new Channels(file, input.size(1), labels.size(1));
        ComputationGraph graph = network.build(input.shape(), channels, loss, dataType);
        return new ImageReference(file, network, loss, graph, input, labels);
    }

    /**
     * The output channels, from weights that fit the channels before them: nothing is built, however large, that they
     * do not fill.
     */
    private static final class Channels implements ImageNetwork.Units {

        private final ReferenceFile file;
        private final long outputs;
        private long channels;

        Channels(ReferenceFile file, long inputs, long outputs) {
            this.file = file;
            this.channels = inputs;
            this.outputs = outputs;
        }

        @Override
        public long of(String layer) throws UnusableFileException {
            String key = "param/" + layer + "/W";
            channels = layer.equals("out")
                    ? file.array(key, channels, outputs).size(1)
                    : file.array(key, -1, channels, 3, 3).size(0);
            return channels;
        }
    }

    private INDArray part(String quantity, LayerDescription layer, ParameterSlice slice) throws UnusableFileException {
        long[] shape = slice.shape().stream().mapToLong(Long::longValue).toArray();
        // Deeplearning4j keeps vectors as rows.
        boolean vector = shape.length == 2 && shape[0] == 1 && !slice.name().equals("W");
        String key = quantity + "/" + layer.key() + "/" + slice.name();
        INDArray array = vector ? file.array(key, shape[1]) : file.array(key, shape);
        return array.reshape('c', shape);
    }

    @Override
    public ReferenceFile file() {
        return file;
    }

    @Override
    public OutputLoss loss() {
        return loss;
    }

    @Override
    public DataType dataType() {
        return linearized.parameters().dataType();
    }

    @Override
    public int outputs() {
        return Math.toIntExact(labels.size(1));
    }

    @Override
    public INDArray input() {
        return input;
    }

    @Override
    public INDArray labels() {
        return labels;
    }

    @Override
    public INDArray vector(String quantity) throws UnusableFileException {
        INDArray vector = Nd4j.create(DataType.DOUBLE, linearized.parameters().length());
        for (LayerDescription layer : linearized.layers()) {
            for (ParameterSlice slice : layer.trainableParameters()) {
                slice.of(vector).assign(part(quantity, layer, slice));
            }
        }
        return vector;
    }

    @Override
    public LinearizedNetwork linearize() {
        return linearized;
    }

    @Override
    public INDArray backprop() {
        graph.setInputs(input.castTo(dataType()));
        graph.setLabels(labels.castTo(dataType()));
        graph.computeGradientAndScore();
        Gradient gradient = graph.gradient();
        INDArray vector = Nd4j.create(dataType(), linearized.parameters().length());
        for (LayerDescription layer : linearized.layers()) {
            for (ParameterSlice slice : layer.trainableParameters()) {
                slice.of(vector).assign(gradient.getGradientFor(layer.key() + "_" + slice.name()));
            }
        }
        return vector;
    }

    @Override
    public String toString() {
        return network + ", " + loss;
    }
}
