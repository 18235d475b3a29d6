package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.CenterLossParamInitializer;
import org.jspecify.annotations.Nullable;

/**
 * A layer as its rule sees it.
 *
 * @param key what the model calls the layer in its parameter and gradient tables: "0_W" is parameter W of layer "0"
 * @param name the layer's name for messages and reports, unique in the network
 * @param configuration its configuration, without a freezing wrapper
 * @param parameters where its parameters lie, in the model's order
 * @param trainable false if the layer is frozen: its parameters are constants
 * @param output whether this is an output layer of the network, whose output activation may belong to the loss
 * @param statistics what a batch normalisation is linearised as
 */
public record LayerDescription(
        String key,
        String name,
        Layer configuration,
        List<ParameterSlice> parameters,
        boolean trainable,
        boolean output,
        BatchStatistics statistics) {

    private static final Set<String> RUNNING_STATISTICS = Set.of(
            BatchNormalizationParamInitializer.GLOBAL_MEAN,
            BatchNormalizationParamInitializer.GLOBAL_VAR,
            BatchNormalizationParamInitializer.GLOBAL_LOG_STD);

    private static final Set<String> CENTRES = Set.of(CenterLossParamInitializer.CENTER_KEY);

    /**
     * Copies the list.
     *
     * @param key what the model calls the layer in its parameter and gradient tables
     * @param name the layer's name for messages and reports
     * @param configuration its configuration
     * @param parameters where its parameters lie
     * @param trainable false if the layer is frozen
     * @param output whether this is an output layer of the network
     * @param statistics what a batch normalisation is linearised as
     */
    public LayerDescription {
        parameters = List.copyOf(parameters);
    }

    /**
     * A parameter's place.
     *
     * @param parameter its name in the layer
     * @return where it lies
     * @throws UnsupportedModelException if the layer has none of that name
     */
    public ParameterSlice parameter(String parameter) {
        ParameterSlice slice = parameterOrNull(parameter);
        if (slice == null) {
            throw unsupported("it has no parameter " + parameter + ", only "
                    + parameters.stream().map(ParameterSlice::name).toList());
        }
        return slice;
    }

    /**
     * The place of a parameter that the layer need not have, such as a bias.
     *
     * @param parameter its name in the layer
     * @return where it lies; null if the layer has none of that name
     */
    public @Nullable ParameterSlice parameterOrNull(String parameter) {
        for (ParameterSlice slice : parameters) {
            if (slice.name().equals(parameter)) {
                return slice;
            }
        }
        return null;
    }

    /**
     * The parameters that the gradient is taken for: none of a frozen layer, of a batch normalisation not the running
     * statistics, and of a centre loss not the centres, whose "gradients" in DL4J are finished updates.
     *
     * @return the slices, in the model's order
     */
    public List<ParameterSlice> trainableParameters() {
        if (!trainable) {
            return List.of();
        }
        Set<String> updates = configuration instanceof BatchNormalization
                ? RUNNING_STATISTICS
                : configuration instanceof CenterLossOutputLayer ? CENTRES : Set.of();
        return parameters.stream()
                .filter(slice -> !updates.contains(slice.name()))
                .toList();
    }

    /**
     * An error that names this layer.
     *
     * @param problem what is not supported
     * @return the exception, to be thrown
     */
    public UnsupportedModelException unsupported(String problem) {
        return new UnsupportedModelException("Layer " + name + ": " + problem);
    }
}
