package io.github.dl4jngd.fisher.network;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What DL4J's layers do with the masks that they hold. */
final class Masks {

    /** Layers that hold a mask and compute as without it. */
    private static final Set<Class<? extends Layer>> INDIFFERENT = Set.of(
            ActivationLayer.class,
            BatchNormalization.class,
            LocalResponseNormalization.class,
            ZeroPaddingLayer.class,
            ZeroPadding1DLayer.class,
            Cropping1D.class,
            Cropping2D.class);

    private Masks() {}

    /**
     * Those of some masks that change what a network computes.
     *
     * @param masks by the layer's key
     * @param layers all layers
     * @throws IllegalArgumentException if a layer that has no rule for its mask holds one
     */
    static Map<String, INDArray> acting(Map<String, INDArray> masks, Iterable<LayerDescription> layers) {
        Map<String, INDArray> acting = new TreeMap<>();
        for (LayerDescription layer : layers) {
            INDArray held = masks.get(layer.key());
            if (held == null || INDIFFERENT.contains(layer.configuration().getClass())) {
                continue;
            }
            // a mask may be of booleans
            INDArray mask = held.castTo(DataType.DOUBLE);
            if (!isOnes(mask)) {
                requireRule(layer, mask);
                acting.put(layer.key(), mask);
            }
        }
        return acting;
    }

    private static boolean isOnes(INDArray mask) {
        return mask.minNumber().doubleValue() == 1 && mask.maxNumber().doubleValue() == 1;
    }

    private static void requireRule(LayerDescription layer, INDArray mask) {
        if (layer.configuration() instanceof GlobalPoolingLayer) {
            return;
        }
        String type = layer.configuration().getClass().getSimpleName();
        if (layer.configuration().getClass() != DenseLayer.class) {
            throw new IllegalArgumentException("Layer " + layer.name() + ": a mask in a " + type
                    + " has no rule; global pooling and dense layers have one, and the loss takes label masks. Train without "
                    + "the mask");
        }
        if (mask.length() != mask.size(0) || mask.neq(0).castTo(DataType.DOUBLE).distance1(mask) != 0) {
            throw new IllegalArgumentException(
                    "Layer " + layer.name() + ": a " + type
                            + " takes a mask of zeros and ones for samples, as the derivative of DL4J's own is right for these alone");
        }
    }
}
