package io.github.dl4jngd.fisher.network;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What dropout and weight noise drew in one training pass. With it a network that trains with noise is a function
 * again: {@link LinearizedNetwork#with(Noise)}.
 *
 * @param inputs by {@linkplain LayerDescription#key() layer}: what was done to the layer's input
 * @param weights by layer, then by parameter: the noisy array that took the parameter's place
 */
public record Noise(Map<String, Affine> inputs, Map<String, Map<String, INDArray>> weights) {

    /** No noise. */
    public static final Noise NONE = new Noise(Map.of(), Map.of());

    /**
     * Copies the maps.
     *
     * @param inputs what was done to the layers' inputs
     * @param weights the noisy arrays
     */
    public Noise {
        inputs = Map.copyOf(inputs);
        weights = Map.copyOf(weights);
    }

    /**
     * x ↦ s ∘ x + t, which every kind of dropout and input noise is once drawn: s is 0 or 1/p for dropout of retain
     * probability p.
     *
     * @param factor s, of the input's length in row-major order; null for one
     * @param offset t, likewise; null for zero
     */
    public record Affine(@Nullable INDArray factor, @Nullable INDArray offset) {

        /** x ↦ x: the dropout of layers that DL4J applies none to, such as batch normalisation and pooling. */
        public static final Affine IDENTITY = new Affine(null, null);
    }
}
