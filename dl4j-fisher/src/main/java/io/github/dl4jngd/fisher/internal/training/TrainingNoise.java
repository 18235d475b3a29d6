package io.github.dl4jngd.fisher.internal.training;

import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.Noise;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Records what a model's dropout and weight noise draw, so that the network that a gradient is of can be linearised.
 *
 * <p>DL4J forgets a draw on its way back. A recorder in a layer's configuration keeps it, and changes no bit of the
 * training: it draws what the dropout would have drawn.
 */
public final class TrainingNoise {

    private TrainingNoise() {}

    /**
     * Puts recorders into layers that have noise.
     *
     * @param layers the configurations of a model's layers; changed
     */
    public static void record(Stream<Layer> layers) {
        layers.forEach(layer -> {
            if (layer.getIDropout() != null && !(layer.getIDropout() instanceof RecordedDropout)) {
                layer.setIDropout(new RecordedDropout(layer.getIDropout()));
            }
            if (layer instanceof BaseLayer base
                    && base.getWeightNoise() != null
                    && !(base.getWeightNoise() instanceof RecordedWeightNoise)) {
                base.setWeightNoise(new RecordedWeightNoise(base.getWeightNoise()));
            }
        });
    }

    /**
     * Takes recorders out.
     *
     * @param layers the configurations of a model's layers; changed
     */
    public static void stopRecording(Stream<Layer> layers) {
        layers.forEach(layer -> {
            if (layer.getIDropout() instanceof RecordedDropout recorded) {
                layer.setIDropout(recorded.recorded());
            }
            if (layer instanceof BaseLayer base && base.getWeightNoise() instanceof RecordedWeightNoise recorded) {
                base.setWeightNoise(recorded.recorded());
            }
        });
    }

    /**
     * What the last training pass drew.
     *
     * @param model a model whose noise is recorded
     * @param network it, compiled
     * @return the noise of every layer that has some
     */
    public static Noise of(LiveModel model, LinearizedNetwork network) {
        Map<String, Noise.Affine> inputs = new HashMap<>();
        Map<String, Map<String, INDArray>> weights = new HashMap<>();
        Set<String> dropped = network.layersWithDropout();
        for (LayerDescription description : network.layers()) {
            Layer layer = model.layer(description.key()).conf().getLayer();
            if (dropped.contains(description.key()) && layer.getIDropout() instanceof RecordedDropout recorded) {
                inputs.put(description.key(), recorded.drawn());
            }
            if (layer instanceof BaseLayer base && base.getWeightNoise() instanceof RecordedWeightNoise recorded) {
                weights.put(description.key(), recorded.drawn());
            }
        }
        return new Noise(inputs, weights);
    }
}
