package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import io.github.dl4jngd.fisher.operation.Window;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.params.DeconvolutionParamInitializer;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;

/** How DL4J's layers over images and sequences are compiled; NHWC layers are NCHW ones between two permutations. */
final class ConvolutionRules {

    private ConvolutionRules() {}

    static List<Operation> convolution(LayerDescription layer) {
        ConvolutionLayer configuration = (ConvolutionLayer) layer.configuration();
        return activated(layer, configuration, convolution(layer, window(layer, configuration, false), false));
    }

    private static Operation convolution(LayerDescription layer, Window window, boolean sequence) {
        ParameterSlice weights = layer.parameter(ConvolutionParamInitializer.WEIGHT_KEY);
        ParameterSlice bias = layer.parameterOrNull(ConvolutionParamInitializer.BIAS_KEY);
        return sequence
                ? Operations.sequenceConvolution(window, weights, bias, layer.trainable())
                : Operations.convolution(window, weights, bias, layer.trainable());
    }

    static List<Operation> depthwiseConvolution(LayerDescription layer) {
        DepthwiseConvolution2D configuration = (DepthwiseConvolution2D) layer.configuration();
        Operation convolution = Operations.depthwiseConvolution(
                window(layer, configuration, false),
                layer.parameter(DepthwiseConvolutionParamInitializer.WEIGHT_KEY),
                layer.parameterOrNull(DepthwiseConvolutionParamInitializer.BIAS_KEY),
                layer.trainable());
        return activated(layer, configuration, convolution);
    }

    /** A depthwise convolution and a 1×1 convolution that mixes its channels. */
    static List<Operation> separableConvolution(LayerDescription layer) {
        SeparableConvolution2D configuration = (SeparableConvolution2D) layer.configuration();
        Operation depthwise = Operations.separableDepthwise(
                window(layer, configuration, false).named(layer.name() + " depthwise"),
                layer.parameter(SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY),
                layer.trainable());
        Operation pointwise = Operations.convolution(
                Window.pointwise(layer.name() + " pointwise"),
                layer.parameter(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY),
                layer.parameterOrNull(SeparableConvolutionParamInitializer.BIAS_KEY),
                layer.trainable());
        return activated(layer, configuration, depthwise, pointwise);
    }

    static List<Operation> transposedConvolution(LayerDescription layer) {
        Deconvolution2D configuration = (Deconvolution2D) layer.configuration();
        Operation convolution = Operations.transposedConvolution(
                window(layer, configuration, false),
                layer.parameter(DeconvolutionParamInitializer.WEIGHT_KEY),
                layer.parameterOrNull(DeconvolutionParamInitializer.BIAS_KEY),
                layer.trainable());
        return activated(layer, configuration, convolution);
    }

    private static List<Operation> activated(
            LayerDescription layer, ConvolutionLayer configuration, Operation... convolutions) {
        List<Operation> operations = new ArrayList<>(inFormat(configuration.getCnn2dDataFormat(), convolutions));
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    static List<Operation> localResponseNormalization(LayerDescription layer) {
        LocalResponseNormalization configuration = (LocalResponseNormalization) layer.configuration();
        return inFormat(
                configuration.getDataFormat(),
                Operations.localResponseNormalization(
                        (int) configuration.getN() / 2,
                        configuration.getK(),
                        configuration.getAlpha(),
                        configuration.getBeta()));
    }

    /** A convolution over sequences [N, C, L]. */
    static List<Operation> convolution1D(LayerDescription layer) {
        Convolution1DLayer configuration = (Convolution1DLayer) layer.configuration();
        if (configuration.getRnnDataFormat() != RNNFormat.NCW) {
            throw layer.unsupported("sequences in the format " + configuration.getRnnDataFormat()
                    + " have no rule (DL4J itself fails on them before a global pooling); use NCW");
        }
        if (configuration.getConvolutionMode() == ConvolutionMode.Causal) {
            throw layer.unsupported("the convolution mode Causal has no rule");
        }
        List<Operation> operations =
                new ArrayList<>(overSequences(convolution(layer, window(layer, configuration, true), true)));
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    private static Window window(LayerDescription layer, ConvolutionLayer configuration, boolean sequence) {
        return new Window(
                layer.name(),
                sequence ? along(configuration.getKernelSize(), 1) : configuration.getKernelSize(),
                sequence ? along(configuration.getStride(), 1) : configuration.getStride(),
                sequence ? along(configuration.getPadding(), 0) : configuration.getPadding(),
                sequence ? along(configuration.getDilation(), 1) : configuration.getDilation(),
                configuration.getConvolutionMode());
    }

    /** What a setting is for sequences as images of width 1. */
    private static int[] along(int[] setting, int across) {
        return new int[] {setting[0], across};
    }

    static List<Operation> subsampling(LayerDescription layer) {
        SubsamplingLayer configuration = (SubsamplingLayer) layer.configuration();
        return inFormat(configuration.getCnn2dDataFormat(), subsampling(layer, configuration, false));
    }

    /** A pooling over sequences [N, C, L]. */
    static List<Operation> subsampling1D(LayerDescription layer) {
        Subsampling1DLayer configuration = (Subsampling1DLayer) layer.configuration();
        if (configuration.getCnn2dDataFormat() != CNN2DFormat.NCHW) {
            throw layer.unsupported("sequences in the format NWC have no rule; use NCW");
        }
        return overSequences(subsampling(layer, configuration, true));
    }

    private static Operation subsampling(LayerDescription layer, SubsamplingLayer configuration, boolean sequence) {
        Window window = new Window(
                layer.name(),
                sequence ? along(configuration.getKernelSize(), 1) : configuration.getKernelSize(),
                sequence ? along(configuration.getStride(), 1) : configuration.getStride(),
                sequence ? along(configuration.getPadding(), 0) : configuration.getPadding(),
                sequence ? along(configuration.getDilation(), 1) : configuration.getDilation(),
                configuration.getConvolutionMode());
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

    private static List<Operation> overSequences(Operation operation) {
        return List.of(Operations.addTrailingAxis(), operation, Operations.dropTrailingAxis());
    }

    static List<Operation> zeroPadding(LayerDescription layer) {
        ZeroPaddingLayer configuration = (ZeroPaddingLayer) layer.configuration();
        return inFormat(configuration.getDataFormat(), Operations.padding(configuration.getPadding()));
    }

    static List<Operation> zeroPadding1D(LayerDescription layer) {
        return List.of(Operations.padding(((ZeroPadding1DLayer) layer.configuration()).getPadding()));
    }

    static List<Operation> cropping(LayerDescription layer) {
        Cropping2D configuration = (Cropping2D) layer.configuration();
        return inFormat(configuration.getDataFormat(), Operations.cropping(configuration.getCropping()));
    }

    static List<Operation> cropping1D(LayerDescription layer) {
        return List.of(Operations.cropping(((Cropping1D) layer.configuration()).getCropping()));
    }

    static List<Operation> upsampling(LayerDescription layer) {
        Upsampling2D configuration = (Upsampling2D) layer.configuration();
        int[] size = configuration.getSize();
        return inFormat(configuration.getFormat(), Operations.upsampling(size[0], size[1]));
    }

    static List<Operation> upsampling1D(LayerDescription layer) {
        return overSequences(Operations.upsampling(((Upsampling1D) layer.configuration()).getSize()[0], 1));
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

    static List<Operation> batchNormalization(LayerDescription layer) {
        BatchNormalization configuration = (BatchNormalization) layer.configuration();
        if (configuration.isLockGammaBeta() && configuration.getCnn2DFormat() == CNN2DFormat.NHWC) {
            throw layer.unsupported("locked γ and β in the format NHWC: DL4J's own layer fails on them; use NCHW");
        }
        if (configuration.isLockGammaBeta() && (configuration.getGamma() == 1) != (configuration.getBeta() == 0)) {
            throw layer.unsupported("locked γ = " + configuration.getGamma() + " and β = " + configuration.getBeta()
                    + ": DL4J's own layer applies either only where γ is not 1 and β not 0, and its gradient does not follow; set both or "
                    + "neither");
        }
        return inFormat(
                configuration.getCnn2DFormat(),
                Operations.batchNormalization(
                        layer.name(),
                        configuration.getNOut(),
                        new Operations.BatchScale(
                                layer.parameterOrNull(BatchNormalizationParamInitializer.GAMMA),
                                layer.parameterOrNull(BatchNormalizationParamInitializer.BETA),
                                configuration.getGamma(),
                                configuration.getBeta()),
                        new Operations.RunningStatistics(
                                layer.parameter(BatchNormalizationParamInitializer.GLOBAL_MEAN),
                                layer.parameterOrNull(BatchNormalizationParamInitializer.GLOBAL_VAR),
                                layer.parameterOrNull(BatchNormalizationParamInitializer.GLOBAL_LOG_STD)),
                        configuration.getEps(),
                        layer.statistics(),
                        layer.trainable()));
    }

    private static List<Operation> inFormat(CNN2DFormat format, Operation... operations) {
        if (format != CNN2DFormat.NHWC) {
            return List.of(operations);
        }
        List<Operation> between = new ArrayList<>();
        between.add(Operations.channelsFirst());
        between.addAll(List.of(operations));
        between.add(Operations.channelsLast());
        return between;
    }
}
