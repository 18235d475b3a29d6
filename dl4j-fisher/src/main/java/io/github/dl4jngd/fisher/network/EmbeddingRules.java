package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** How DL4J's embeddings are compiled. */
final class EmbeddingRules {

    private EmbeddingRules() {}

    /** One word a sample. */
    static List<Operation> embedding(LayerDescription layer) {
        EmbeddingLayer configuration = (EmbeddingLayer) layer.configuration();
        List<Operation> operations = new ArrayList<>();
        operations.add(table(layer));
        operations.add(Operations.reshape(layer.name(), configuration.getNOut()));
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    /** A sequence of words a sample. */
    static List<Operation> embeddingSequence(LayerDescription layer) {
        EmbeddingSequenceLayer configuration = (EmbeddingSequenceLayer) layer.configuration();
        List<Operation> operations = new ArrayList<>();
        operations.add(table(layer));
        if (configuration.getOutputFormat() != RNNFormat.NWC) {
            operations.add(Operations.permute(0, 2, 1));
        }
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    private static Operation table(LayerDescription layer) {
        return Operations.embedding(
                layer.name(),
                layer.parameter(DefaultParamInitializer.WEIGHT_KEY),
                layer.parameterOrNull(DefaultParamInitializer.BIAS_KEY),
                layer.trainable());
    }
}
