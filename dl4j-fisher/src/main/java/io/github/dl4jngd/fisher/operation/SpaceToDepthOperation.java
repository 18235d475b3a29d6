package io.github.dl4jngd.fisher.operation;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Blocks of pixels as channels, [N, C, H, W] to [N, C b², H/b, W/b]: DL4J's SpaceToDepthLayer, by the operation {@code
 * space_to_depth}. A permutation of entries, whose adjoint {@code depth_to_space} is.
 */
final class SpaceToDepthOperation extends LinearOperation {

    private static final int NCHW = 0;

    private final int block;

    SpaceToDepthOperation(int block) {
        this.block = block;
    }

    @Override
    INDArray apply(INDArray input) {
        return moved(
                "space_to_depth",
                input,
                input.size(0),
                input.size(1) * block * block,
                input.size(2) / block,
                input.size(3) / block);
    }

    @Override
    INDArray adjoint(INDArray cotangents, long[] inputShape) {
        return moved("depth_to_space", cotangents, inputShape);
    }

    private INDArray moved(String operation, INDArray images, long... shape) {
        INDArray result = Nd4j.createUninitialized(images.dataType(), shape, 'c');
        Nd4j.exec(DynamicCustomOp.builder(operation)
                .addInputs(Folding.compact(images))
                .addOutputs(result)
                .addIntegerArguments(block, NCHW)
                .build());
        return result;
    }
}
