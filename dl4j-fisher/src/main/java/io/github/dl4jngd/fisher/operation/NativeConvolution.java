package io.github.dl4jngd.fisher.operation;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's convolutions over NCHW images and their derivatives, for weights of several layouts. */
enum NativeConvolution {
    /** Weights [out, in, kh, kw]. */
    FULL("conv2d", 1),
    /** Weights [multiplier, in, kh, kw]. */
    DEPTHWISE("depthwise_conv2d", 1),
    /** Weights [kh, kw, in, multiplier]. */
    DEPTHWISE_KERNEL_FIRST("depthwise_conv2d", 0);

    private static final int NCHW = 0;

    private final String operation;
    private final int weightsFormat;

    NativeConvolution(String operation, int weightsFormat) {
        this.operation = operation;
        this.weightsFormat = weightsFormat;
    }

    /** conv(x, W), [N, channels, H', W']. */
    INDArray forward(Window window, INDArray x, INDArray weights, long channels) {
        long[] shape = {x.size(0), channels, window.outputSize(0, x.size(2)), window.outputSize(1, x.size(3))};
        INDArray output = Nd4j.createUninitialized(x.dataType(), shape, 'c');
        Nd4j.exec(DynamicCustomOp.builder(operation)
                .addInputs(x, weights)
                .addOutputs(output)
                .addIntegerArguments(arguments(window, x))
                .build());
        return output;
    }

    /**
     * The adjoint of x ↦ conv(x, W).
     *
     * @param x an input of the convolution, for its shape behind the first axis
     * @param folded cotangents of outputs, [K N, channels, H', W']
     * @return cotangents of inputs, [K N, in, H, W]
     */
    INDArray backward(Window window, INDArray x, INDArray weights, INDArray folded) {
        return backward(window, x, weights, folded, Nd4j.createUninitialized(x.dataType(), weights.shape(), 'c'));
    }

    /**
     * The same, and the adjoint of W ↦ conv(x, W) where there are as many cotangents as samples.
     *
     * @param weightsGradient of W's shape, row-major; written to
     */
    INDArray backward(Window window, INDArray x, INDArray weights, INDArray folded, INDArray weightsGradient) {
        long[] shape = x.shape().clone();
        shape[0] = folded.size(0);
        // the operation asks for the input, whose values only the weights' gradient depends on
        INDArray input = shape[0] == x.size(0) ? x : Nd4j.create(x.dataType(), shape);
        INDArray inputGradient = Nd4j.createUninitialized(x.dataType(), shape, 'c');
        Nd4j.exec(DynamicCustomOp.builder(operation + "_bp")
                .addInputs(input, weights, folded)
                .addOutputs(inputGradient, weightsGradient)
                .addIntegerArguments(arguments(window, x))
                .build());
        return inputGradient;
    }

    private int[] arguments(Window window, INDArray x) {
        return window.arguments(x.size(2), x.size(3), NCHW, weightsFormat);
    }
}
