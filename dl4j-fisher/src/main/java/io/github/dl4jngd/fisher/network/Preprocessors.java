package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;

/** DL4J's input preprocessors as operations. */
final class Preprocessors {

    private Preprocessors() {}

    /**
     * The operations of a preprocessor.
     *
     * @param layer the layer's name for messages
     * @param preprocessor null for none
     */
    static List<Operation> operations(String layer, @Nullable InputPreProcessor preprocessor) {
        if (preprocessor == null) {
            return List.of();
        }
        // both formats are plain row-major reshapes in DL4J
        if (preprocessor.getClass() == CnnToFeedForwardPreProcessor.class) {
            return List.of(Operations.reshape(layer));
        }
        if (preprocessor.getClass() == FeedForwardToCnnPreProcessor.class) {
            FeedForwardToCnnPreProcessor images = (FeedForwardToCnnPreProcessor) preprocessor;
            return List.of(Operations.reshape(
                    layer, images.getNumChannels(), images.getInputHeight(), images.getInputWidth()));
        }
        if (preprocessor.getClass() == RnnToFeedForwardPreProcessor.class) {
            return List.of(Operations.rowsOnly(layer));
        }
        if (preprocessor.getClass() == ComposableInputPreProcessor.class) {
            List<Operation> operations = new java.util.ArrayList<>();
            for (InputPreProcessor part : ((ComposableInputPreProcessor) preprocessor).getInputPreProcessors()) {
                operations.addAll(operations(layer, part));
            }
            return operations;
        }
        throw new UnsupportedModelException("Layer " + layer + ": the input preprocessor "
                + preprocessor.getClass().getSimpleName() + " has no rule");
    }
}
