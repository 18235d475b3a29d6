package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.params.Convolution3DParamInitializer;

/** How DL4J's layers over volumes are compiled; NDHWC layers are NCDHW ones between two permutations. */
final class VolumeRules {

    private VolumeRules() {}

    static List<Operation> convolution(LayerDescription layer) {
        Convolution3D configuration = (Convolution3D) layer.configuration();
        Window window = new Window(
                layer.name(),
                configuration.getKernelSize(),
                configuration.getStride(),
                configuration.getPadding(),
                configuration.getDilation(),
                configuration.getConvolutionMode());
        List<Operation> operations = new ArrayList<>(inFormat(
                configuration.getDataFormat(),
                Operations.volumeConvolution(
                        window,
                        layer.parameter(Convolution3DParamInitializer.WEIGHT_KEY),
                        layer.parameterOrNull(Convolution3DParamInitializer.BIAS_KEY),
                        layer.trainable())));
        operations.addAll(Activations.operations(layer, configuration.getActivationFn()));
        return operations;
    }

    static List<Operation> subsampling(LayerDescription layer) {
        Subsampling3DLayer configuration = (Subsampling3DLayer) layer.configuration();
        PoolingType type = configuration.getPoolingType();
        if (type != PoolingType.MAX && type != PoolingType.AVG) {
            throw layer.unsupported(
                    "pooling of type " + type + " has no rule, as DL4J's own layer averages; use AVG or MAX");
        }
        Window window = new Window(
                layer.name(),
                configuration.getKernelSize(),
                configuration.getStride(),
                configuration.getPadding(),
                configuration.getDilation(),
                configuration.getConvolutionMode());
        return inFormat(configuration.getDataFormat(), Operations.volumePooling(window, type));
    }

    static List<Operation> upsampling(LayerDescription layer) {
        Upsampling3D configuration = (Upsampling3D) layer.configuration();
        return inFormat(
                configuration.getDataFormat(),
                Operations.upsampling(
                        Arrays.stream(configuration.getSize()).asLongStream().toArray()));
    }

    static List<Operation> zeroPadding(LayerDescription layer) {
        return List.of(Operations.padding(((ZeroPadding3DLayer) layer.configuration()).getPadding()));
    }

    static List<Operation> cropping(LayerDescription layer) {
        return List.of(Operations.cropping(((Cropping3D) layer.configuration()).getCropping()));
    }

    private static List<Operation> inFormat(Convolution3D.DataFormat format, Operation operation) {
        return format == Convolution3D.DataFormat.NDHWC
                ? List.of(Operations.permute(0, 4, 1, 2, 3), operation, Operations.permute(0, 2, 3, 4, 1))
                : List.of(operation);
    }
}
