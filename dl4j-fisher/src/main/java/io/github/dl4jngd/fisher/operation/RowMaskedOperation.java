package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An operation whose outputs [N, units] are zero for some samples: DL4J's dense layers with a mask. */
final class RowMaskedOperation implements Operation {

    private final Operation inner;
    /** [N, 1]. */
    private final INDArray mask;

    RowMaskedOperation(Operation inner, INDArray mask) {
        this.inner = inner;
        this.mask = mask;
    }

    @Override
    public Optional<ParameterBlock> block() {
        return inner.block();
    }

    @Override
    public RowForm rowForm() {
        return inner.rowForm();
    }

    @Override
    public boolean couplesSamples() {
        return inner.couplesSamples();
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        return new At(inner.linearize(input, parameters), mask.castTo(input.dataType()));
    }

    private record At(Linearized inner, INDArray mask) implements Linearized {

        @Override
        public INDArray output() {
            return inner.output().mulColumnVector(mask);
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            INDArray pushed = inner.jvp(inputTangent, tangent);
            return pushed == null ? null : pushed.mulColumnVector(mask);
        }

        private INDArray masked(INDArray cotangents) {
            return cotangents.mul(mask.reshape(1, mask.length(), 1));
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            return inner.vjp(masked(cotangents));
        }

        @Override
        public boolean sumsRows() {
            return inner.sumsRows();
        }

        @Override
        public @Nullable INDArray pullBack(INDArray cotangent, boolean toInput, INDArray gradient) {
            return inner.pullBack(masked(cotangent), toInput, gradient);
        }

        @Override
        public void writeStatistics(INDArray update) {
            inner.writeStatistics(update);
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            return inner.jacobian(masked(cotangents), scaling, coupled);
        }
    }
}
