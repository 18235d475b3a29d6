package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.ngd.GradientRegularization;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.RegularizationRule;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** A network that is trained, of either of DL4J's classes, with a dense output layer at its end. */
public interface TrainingModel {

    /**
     * The network itself.
     *
     * @return of either of DL4J's classes
     */
    Model model();

    /**
     * Trains one step on a minibatch.
     *
     * @param minibatch what to learn from
     */
    void fit(DataSet minibatch);

    /**
     * The last step's loss.
     *
     * @return the mean over the minibatch, before the step
     */
    double score();

    /** Tells the network that an epoch is over. */
    void endEpoch();

    /**
     * Puts a natural gradient in front of the updater.
     *
     * @param configuration the method
     * @return what undoes it
     */
    NaturalGradient attach(NaturalGradientConfiguration configuration);

    /**
     * Regularises the gradients that the updater gets.
     *
     * @param rule how
     * @return what undoes it
     */
    GradientRegularization regularize(RegularizationRule rule);

    /**
     * Tells a listener about every step.
     *
     * @param listener one of DL4J's
     */
    void listen(TrainingListener listener);

    /**
     * The outputs before the output activation, in inference mode.
     *
     * @param features first axis N
     * @return logits, [N, C]
     */
    INDArray logits(INDArray features);

    /**
     * Writes the network in Deeplearning4j's own format, with its updater's state.
     *
     * @param out where to
     * @throws IOException when writing fails
     */
    void write(OutputStream out) throws IOException;

    /**
     * A layer-by-layer network.
     *
     * @param network an initialised network
     * @return it as a model
     */
    static TrainingModel of(MultiLayerNetwork network) {
        return new TrainingModel() {
            @Override
            public Model model() {
                return network;
            }

            @Override
            public void fit(DataSet minibatch) {
                network.fit(minibatch);
            }

            @Override
            public double score() {
                return network.score();
            }

            @Override
            public void endEpoch() {
                network.incrementEpochCount();
            }

            @Override
            public NaturalGradient attach(NaturalGradientConfiguration configuration) {
                return NaturalGradient.attach(network, configuration);
            }

            @Override
            public GradientRegularization regularize(RegularizationRule rule) {
                return GradientRegularization.attach(network, rule);
            }

            @Override
            public void listen(TrainingListener listener) {
                network.addListeners(listener);
            }

            @Override
            public INDArray logits(INDArray features) {
                int last = network.getnLayers() - 1;
                List<INDArray> activations =
                        last == 0 ? List.of(features) : network.feedForwardToLayer(last - 1, features, false);
                return beforeActivation(network.getLayer(last), activations.get(activations.size() - 1));
            }

            @Override
            public void write(OutputStream out) throws IOException {
                ModelSerializer.writeModel(network, out, true);
            }
        };
    }

    /**
     * A graph with one input and one output.
     *
     * @param graph an initialised graph
     * @return it as a model
     */
    static TrainingModel of(ComputationGraph graph) {
        return new TrainingModel() {
            @Override
            public Model model() {
                return graph;
            }

            @Override
            public void fit(DataSet minibatch) {
                graph.fit(minibatch);
            }

            @Override
            public double score() {
                return graph.score();
            }

            @Override
            public void endEpoch() {
                graph.getConfiguration().setEpochCount(graph.getConfiguration().getEpochCount() + 1);
            }

            @Override
            public NaturalGradient attach(NaturalGradientConfiguration configuration) {
                return NaturalGradient.attach(graph, configuration);
            }

            @Override
            public GradientRegularization regularize(RegularizationRule rule) {
                return GradientRegularization.attach(graph, rule);
            }

            @Override
            public void listen(TrainingListener listener) {
                graph.addListeners(listener);
            }

            @Override
            public INDArray logits(INDArray features) {
                String output = graph.getConfiguration().getNetworkOutputs().get(0);
                String below =
                        graph.getConfiguration().getVertexInputs().get(output).get(0);
                INDArray activation = graph.feedForward(features, false).get(below);
                return beforeActivation(graph.getLayer(output), activation);
            }

            @Override
            public void write(OutputStream out) throws IOException {
                ModelSerializer.writeModel(graph, out, true);
            }
        };
    }

    private static INDArray beforeActivation(Layer output, INDArray input) {
        if (!(output.conf().getLayer() instanceof BaseOutputLayer)) {
            throw new IllegalArgumentException("the last layer is not a dense output layer: "
                    + output.conf().getLayer());
        }
        INDArray weights = output.getParam(DefaultParamInitializer.WEIGHT_KEY);
        return input.mmul(weights).addiRowVector(output.getParam(DefaultParamInitializer.BIAS_KEY));
    }
}
