package io.github.dl4jngd.fisher.network;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/** How DL4J's layers over images are compiled; NHWC layers are NCHW ones between two permutations. */
final class ConvolutionRules {

    private ConvolutionRules() {}

    static List<Operation> convolution(LayerDescription layer) {
        ConvolutionLayer configuration = (ConvolutionLayer) layer.configuration();
        Window window = new Window(
                layer.name(),
                configuration.getKernelSize(),
                configuration.getStride(),
                configuration.getPadding(),
                configuration.getDilation(),
                configuration.getConvolutionMode());
        List<Operation> operations = new ArrayList<>(inFormat(
                configuration.getCnn2dDataFormat(),
                new ConvolutionOperation(
                        window,
                        layer.parameter(ConvolutionParamInitializer.WEIGHT_KEY),
                        layer.parameter(ConvolutionParamInitializer.BIAS_KEY),
                        layer.trainable())));
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    static List<Operation> subsampling(LayerDescription layer) {
        SubsamplingLayer configuration = (SubsamplingLayer) layer.configuration();
        Window window = new Window(
                layer.name(),
                configuration.getKernelSize(),
                configuration.getStride(),
                configuration.getPadding(),
                configuration.getDilation(),
                configuration.getConvolutionMode());
        return inFormat(
                configuration.getCnn2dDataFormat(),
                switch (configuration.getPoolingType()) {
                    case MAX, AVG, PNORM ->
                        new PoolingOperation(
                                window,
                                org.deeplearning4j.nn.conf.layers.PoolingType.valueOf(
                                        configuration.getPoolingType().name()),
                                configuration.getPnorm(),
                                configuration.isAvgPoolIncludePadInDivisor());
                    default ->
                        throw layer.unsupported("pooling of type " + configuration.getPoolingType() + " has no rule");
                });
    }

    static List<Operation> globalPooling(LayerDescription layer) {
        GlobalPoolingLayer configuration = (GlobalPoolingLayer) layer.configuration();
        return List.of(new GlobalPoolingOperation(
                configuration.getPoolingType(),
                configuration.getPnorm(),
                configuration.getPoolingDimensions(),
                configuration.isCollapseDimensions()));
    }

    static List<Operation> batchNormalization(LayerDescription layer) {
        BatchNormalization configuration = (BatchNormalization) layer.configuration();
        return inFormat(
                configuration.getCnn2DFormat(),
                new BatchNormalizationOperation(layer, configuration, layer.statistics()));
    }

    private static List<Operation> inFormat(CNN2DFormat format, Operation operation) {
        return format == CNN2DFormat.NHWC
                ? List.of(PermuteOperation.channelsFirst(), operation, PermuteOperation.channelsLast())
                : List.of(operation);
    }
}
