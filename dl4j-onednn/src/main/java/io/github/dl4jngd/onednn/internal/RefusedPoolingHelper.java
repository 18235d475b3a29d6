package io.github.dl4jngd.onednn.internal;

import org.deeplearning4j.nn.layers.mkldnn.MKLDNNSubsamplingHelper;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The helper of pooling layers, which supports none of them. Deeplearning4j's own helper ignores
 * {@code avgPoolIncludePadInDivisor(true)} in the backward pass, so that average pooling with padding gets a wrong
 * gradient, and it has nothing to give: the built-in layer calls the same native operations, which use oneDNN without
 * it.
 */
public class RefusedPoolingHelper extends MKLDNNSubsamplingHelper {
    /**
     * For Deeplearning4j.
     *
     * @param dataType the type of the layer
     */
    public RefusedPoolingHelper(DataType dataType) {
        super(dataType);
    }

    @Override
    public boolean checkSupported() {
        return false;
    }
}
