package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.Patches;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.jacobian.WeightSharedJacobian;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * z = conv(x, W) + b for x [N, C, D, H, W] and W [out, C, kd, kh, kw], row-major: DL4J's Convolution3D.
 *
 * <p>Forward and jvp are the operation {@code conv3dnew}, which wants W as [kd, kh, kw, C, out], the vjp {@code
 * conv3dnew_bp}.
 */
final class VolumeConvolutionOperation extends BilinearOperation {

    private static final int NCDHW = 0;

    private final VolumeWindow window;

    VolumeConvolutionOperation(
            Window window, ParameterSlice weights, @Nullable ParameterSlice bias, boolean trainable) {
        super(
                weights,
                bias,
                trainable,
                ParameterBlock.of(
                        window.layer(),
                        weights.offset(),
                        weights.length() / weights.shape().get(0),
                        weights.shape().get(0)));
        this.window = new VolumeWindow(window);
    }

    @Override
    public RowForm rowForm() {
        return RowForm.SUM_OF_OUTER_PRODUCTS;
    }

    @Override
    void check(INDArray input) {
        window.check(input, weights.shape().get(1));
    }

    @Override
    INDArray weightsOf(INDArray parameters) {
        return weights.of(parameters).permute(2, 3, 4, 1, 0).dup('c');
    }

    @Override
    void addBias(INDArray output, INDArray parameters) {
        if (bias != null) {
            output.addi(bias.of(parameters).reshape('c', 1, block.units(), 1, 1, 1));
        }
    }

    @Override
    INDArray map(INDArray x, INDArray w) {
        INDArray output = Nd4j.createUninitialized(x.dataType(), window.outputShape(x, block.units()), 'c');
        Nd4j.exec(DynamicCustomOp.builder("conv3dnew")
                .addInputs(x, w)
                .addOutputs(output)
                .addIntegerArguments(window.arguments(x, NCDHW))
                .build());
        return output;
    }

    @Override
    INDArray vjpToInput(At at, INDArray cotangents) {
        INDArray folded = Folding.fold(cotangents);
        return Folding.unfold(
                backward(at, folded, Nd4j.createUninitialized(at.x.dataType(), at.w.shape(), 'c')), cotangents.size(0));
    }

    private INDArray backward(At at, INDArray folded, INDArray weightsGradient) {
        long[] shape = at.x.shape().clone();
        shape[0] = folded.size(0);
        // the operation asks for the input, whose values only the weights' gradient depends on
        INDArray input = shape[0] == at.x.size(0) ? at.x : Nd4j.create(at.x.dataType(), shape);
        INDArray inputGradient = Nd4j.createUninitialized(at.x.dataType(), shape, 'c');
        Nd4j.exec(DynamicCustomOp.builder("conv3dnew_bp")
                .addInputs(input, at.w, folded)
                .addOutputs(inputGradient, weightsGradient)
                .addIntegerArguments(window.arguments(at.x, NCDHW))
                .build());
        return inputGradient;
    }

    @Override
    boolean sumsRows() {
        return true;
    }

    /** Both adjoints are one native operation. */
    @Override
    @Nullable INDArray vjpToBoth(At at, INDArray cotangent, boolean toInput, INDArray gradient) {
        INDArray delta = Folding.fold(cotangent);
        INDArray weightsGradient = Nd4j.createUninitialized(at.x.dataType(), at.w.shape(), 'c');
        INDArray back = backward(at, delta, weightsGradient);
        weights.of(gradient).assign(weightsGradient.permute(4, 3, 0, 1, 2));
        if (bias != null) {
            INDArray shift = bias.of(gradient);
            shift.assign(Sums.perChannel(delta).reshape('c', shift.shape()));
        }
        return toInput ? Folding.unfold(back, 1) : null;
    }

    @Override
    LayerJacobian jacobian(At at, INDArray cotangents, Parameterization scaling, boolean coupled) {
        long[] shape = cotangents.shape();
        INDArray delta =
                Folding.compact(cotangents).reshape('c', shape[0], shape[1], shape[2], shape[3] * shape[4] * shape[5]);
        return new WeightSharedJacobian(block, new VolumePatches(at, scaling.rootScales(block)), delta, coupled);
    }

    private final class VolumePatches implements Patches {

        private final At at;
        private final double @Nullable [] rootScales;

        VolumePatches(At at, double @Nullable [] rootScales) {
            this.at = at;
            this.rootScales = rootScales;
        }

        @Override
        public long samples() {
            return at.x.size(0);
        }

        @Override
        public long positions() {
            return at.output.size(2) * at.output.size(3) * at.output.size(4);
        }

        @Override
        public INDArray columns(long from, long to) {
            INDArray some = at.x.get(
                    NDArrayIndex.interval(from, to),
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.all());
            INDArray columns = window.patches(some).reshape('c', to - from, block.weightInputs(), positions());
            return AugmentedInput.ofColumns(columns, block, rootScales);
        }
    }
}
