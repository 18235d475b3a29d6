package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import io.github.dl4jngd.fisher.operation.Window;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.params.DeconvolutionParamInitializer;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;

/** How DL4J's convolutions over images and sequences are compiled. */
final class ConvolutionRules {

    private ConvolutionRules() {}

    static List<Operation> convolution(LayerDescription layer) {
        ConvolutionLayer configuration = (ConvolutionLayer) layer.configuration();
        return activated(layer, configuration, convolution(layer, window(layer, configuration), false));
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
                window(layer, configuration),
                layer.parameter(DepthwiseConvolutionParamInitializer.WEIGHT_KEY),
                layer.parameterOrNull(DepthwiseConvolutionParamInitializer.BIAS_KEY),
                layer.trainable());
        return activated(layer, configuration, convolution);
    }

    /** A depthwise convolution and a 1×1 convolution that mixes its channels. */
    static List<Operation> separableConvolution(LayerDescription layer) {
        SeparableConvolution2D configuration = (SeparableConvolution2D) layer.configuration();
        Operation depthwise = Operations.separableDepthwise(
                window(layer, configuration).named(layer.name() + " depthwise"),
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
                window(layer, configuration),
                layer.parameter(DeconvolutionParamInitializer.WEIGHT_KEY),
                layer.parameterOrNull(DeconvolutionParamInitializer.BIAS_KEY),
                layer.trainable());
        return activated(layer, configuration, convolution);
    }

    private static List<Operation> activated(
            LayerDescription layer, ConvolutionLayer configuration, Operation... convolutions) {
        List<Operation> operations =
                new ArrayList<>(Formats.inFormat(configuration.getCnn2dDataFormat(), convolutions));
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    /** A convolution over sequences; a causal one has its padding before the first step. */
    static List<Operation> convolution1D(LayerDescription layer) {
        Convolution1DLayer configuration = (Convolution1DLayer) layer.configuration();
        Formats.requireTrained(layer, configuration.getRnnDataFormat());
        boolean causal = configuration.getConvolutionMode() == ConvolutionMode.Causal;
        List<Operation> inside = new ArrayList<>();
        if (causal) {
            int reach = (configuration.getKernelSize()[0] - 1) * configuration.getDilation()[0];
            inside.add(Operations.padding(reach, 0, 0, 0));
        }
        inside.add(convolution(layer, window(layer, configuration, causal), true));
        List<Operation> operations = new ArrayList<>(Formats.overSequences(configuration.getRnnDataFormat(), inside));
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    private static Window window(LayerDescription layer, ConvolutionLayer configuration) {
        return new Window(
                layer.name(),
                configuration.getKernelSize(),
                configuration.getStride(),
                configuration.getPadding(),
                configuration.getDilation(),
                configuration.getConvolutionMode());
    }

    private static Window window(LayerDescription layer, Convolution1DLayer configuration, boolean causal) {
        return new Window(
                        layer.name(),
                        Formats.along(configuration.getKernelSize(), 1),
                        Formats.along(configuration.getStride(), 1),
                        causal ? new int[2] : Formats.along(configuration.getPadding(), 0),
                        Formats.along(configuration.getDilation(), 1),
                        causal ? ConvolutionMode.Truncate : configuration.getConvolutionMode())
                .unchecked();
    }
}
