package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/** DL4J's input preprocessors of single samples as operations. */
final class Preprocessors {

    private Preprocessors() {}

    /** The operations of a preprocessor that makes samples of samples; those of time steps are {@link SampleParts}'. */
    static List<Operation> operations(String layer, InputPreProcessor preprocessor) {
        // both formats are plain row-major reshapes in DL4J
        if (preprocessor.getClass() == CnnToFeedForwardPreProcessor.class) {
            return List.of(Operations.reshape(layer));
        }
        if (preprocessor.getClass() == FeedForwardToCnnPreProcessor.class) {
            FeedForwardToCnnPreProcessor images = (FeedForwardToCnnPreProcessor) preprocessor;
            return List.of(Operations.reshape(
                    layer, images.getNumChannels(), images.getInputHeight(), images.getInputWidth()));
        }
        if (preprocessor.getClass() == Cnn3DToFeedForwardPreProcessor.class) {
            return List.of(Operations.reshape(layer));
        }
        if (preprocessor.getClass() == FeedForwardToCnn3DPreProcessor.class) {
            FeedForwardToCnn3DPreProcessor volumes = (FeedForwardToCnn3DPreProcessor) preprocessor;
            long channels = volumes.getNumChannels();
            long depth = volumes.getInputDepth();
            long height = volumes.getInputHeight();
            long width = volumes.getInputWidth();
            return List.of(
                    volumes.isNCDHW()
                            ? Operations.reshape(layer, channels, depth, height, width)
                            : Operations.reshape(layer, depth, height, width, channels));
        }
        throw new UnsupportedModelException("Layer " + layer + ": the input preprocessor "
                + preprocessor.getClass().getSimpleName() + " has no rule");
    }
}
