package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.Window;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** How DL4J's poolings are compiled. */
final class PoolingRules {

    private PoolingRules() {}

    static List<Operation> subsampling(LayerDescription layer) {
        SubsamplingLayer configuration = (SubsamplingLayer) layer.configuration();
        return Formats.inFormat(configuration.getCnn2dDataFormat(), subsampling(layer, configuration, false));
    }

    /** A pooling over sequences. */
    static List<Operation> subsampling1D(LayerDescription layer) {
        Subsampling1DLayer configuration = (Subsampling1DLayer) layer.configuration();
        RNNFormat format = Formats.ofSequences(configuration.getCnn2dDataFormat());
        Formats.requireTrained(layer, format);
        return Formats.overSequences(format, List.of(subsampling(layer, configuration, true)));
    }

    private static Operation subsampling(LayerDescription layer, SubsamplingLayer configuration, boolean sequence) {
        if (configuration.getConvolutionMode() == ConvolutionMode.Causal) {
            throw layer.unsupported("a causal pooling has no rule, as DL4J's own is none; use Same");
        }
        Window window = new Window(
                        layer.name(),
                        sequence ? Formats.along(configuration.getKernelSize(), 1) : configuration.getKernelSize(),
                        sequence ? Formats.along(configuration.getStride(), 1) : configuration.getStride(),
                        sequence ? Formats.along(configuration.getPadding(), 0) : configuration.getPadding(),
                        sequence ? Formats.along(configuration.getDilation(), 1) : configuration.getDilation(),
                        configuration.getConvolutionMode())
                .unchecked();
        return switch (configuration.getPoolingType()) {
            case MAX, AVG, PNORM ->
                Operations.pooling(
                        window,
                        org.deeplearning4j.nn.conf.layers.PoolingType.valueOf(
                                configuration.getPoolingType().name()),
                        configuration.getPnorm(),
                        configuration.isAvgPoolIncludePadInDivisor());
            default -> throw layer.unsupported("pooling of type " + configuration.getPoolingType() + " has no rule");
        };
    }

    static List<Operation> globalPooling(LayerDescription layer) {
        GlobalPoolingLayer configuration = (GlobalPoolingLayer) layer.configuration();
        return List.of(Operations.globalPooling(
                layer.name(),
                configuration.getPoolingType(),
                configuration.getPnorm(),
                configuration.getPoolingDimensions(),
                configuration.isCollapseDimensions()));
    }
}
