package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.Layout;
import io.github.dl4jngd.datasets.Normalization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A network from a file that Deeplearning4j's {@code ModelSerializer} wrote, and the images that it takes.
 *
 * @param model the network
 * @param network the same, compiled
 * @param inputs its inputs (pixels or channels)
 * @param layout the form in which it takes images
 */
record ModelFile(Model model, LinearizedNetwork network, long inputs, Layout layout) {

    private static final List<ImageDataset> DATASETS = List.of(ImageDataset.MNIST, ImageDataset.CIFAR_10);

    /**
     * Reads a file.
     *
     * @throws IOException if it is no network of Deeplearning4j's
     * @throws IllegalArgumentException if it is one of a kind that is not supported
     */
    static ModelFile read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        Model model = SavedNetwork.read(file);
        try {
            return model instanceof ComputationGraph graph ? of(graph) : of((MultiLayerNetwork) model);
        } catch (IllegalArgumentException e) { // of a kind that is not supported, as the message says
            throw e;
        } catch (RuntimeException e) { // a configuration without what every configuration has
            throw new IOException(file + " cannot be read as a network: " + e.getMessage(), e);
        }
    }

    static ModelFile of(MultiLayerNetwork network) {
        MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
        return of(
                network,
                LinearizedNetwork.of(network),
                configuration.getConf(0).getLayer(),
                configuration.getInputPreProcess(0) != null);
    }

    static ModelFile of(ComputationGraph graph) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        if (configuration.getNetworkInputs().size() != 1) {
            throw new IllegalArgumentException(
                    "Only networks with one input take images; this one has " + configuration.getNetworkInputs());
        }
        LayerVertex first = configuration.getVertices().entrySet().stream()
                .filter(vertex -> configuration.getNetworkInputs().equals(inputs(configuration, vertex.getKey())))
                .map(vertex -> vertex.getValue())
                .filter(LayerVertex.class::isInstance)
                .map(LayerVertex.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No layer takes the network's input alone"));
        return of(graph, LinearizedNetwork.of(graph), first.getLayerConf().getLayer(), first.getPreProcessor() != null);
    }

    private static List<String> inputs(ComputationGraphConfiguration configuration, String vertex) {
        return configuration.getVertexInputs().get(vertex);
    }

    /** A preprocessor in front of a convolution makes planes of flat rows. */
    private static ModelFile of(Model model, LinearizedNetwork network, Layer first, boolean preprocessed) {
        if (!(first instanceof FeedForwardLayer feedForward)) {
            throw new IllegalArgumentException(
                    "The first layer, " + first.getClass().getSimpleName()
                            + ", does not say how many inputs it takes; a dense or convolution layer is expected");
        }
        long inputs = feedForward.getNIn();
        boolean planes = first instanceof ConvolutionLayer && !preprocessed;
        return new ModelFile(model, network, inputs, planes ? Layout.CHANNELS_FIRST : Layout.FLAT);
    }

    /** The data set whose images fit: MNIST or CIFAR-10. */
    ImageDataset dataset() {
        return DATASETS.stream()
                .filter(this::takes)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The network takes neither MNIST's nor CIFAR-10's "
                        + "images: its first layer has " + inputs + " inputs"));
    }

    private boolean takes(ImageDataset dataset) {
        int channels = dataset.channels();
        return inputs == channels || inputs == (long) channels * dataset.height() * dataset.width();
    }

    /** What the examples train with: flat rows in [0, 1], standardised planes. */
    Normalization normalization() {
        return layout == Layout.FLAT ? Normalization.UNIT_INTERVAL : Normalization.STANDARDIZE;
    }

    /** The form in which it takes images, for people. */
    String form() {
        return layout == Layout.FLAT ? "flat rows of pixels in [0, 1]" : "standardised channel planes";
    }

    String description() {
        return model.getClass().getSimpleName() + ", "
                + network.trainableLayers().size() + " trainable layers, " + model.numParams() + " parameters, "
                + network.outputs() + " outputs";
    }
}
