package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An operation on every part of a sample, such as its time steps: [N, T, …] is [N T, …] to the operation inside. Its
 * rows are sums over the parts, so those of samples.
 */
final class PartsOperation implements Operation {

    private final Operation inside;

    PartsOperation(Operation inside) {
        this.inside = inside;
    }

    @Override
    public Optional<ParameterBlock> block() {
        return inside.block();
    }

    @Override
    public RowForm rowForm() {
        return inside.rowForm() == RowForm.OUTER_PRODUCT ? RowForm.SUM_OF_OUTER_PRODUCTS : inside.rowForm();
    }

    @Override
    public boolean couplesSamples() {
        return inside.couplesSamples();
    }

    @Override
    public boolean worksOnParts() {
        return true;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        long parts = input.size(1);
        Linearized at = inside.linearize(Folding.fold(input), parameters);
        return new At(at, parts, Folding.unfold(at.output(), input.size(0)));
    }

    private record At(Linearized inside, long parts, INDArray output) implements Linearized {

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            INDArray pushed = inside.jvp(inputTangent == null ? null : Folding.fold(inputTangent), tangent);
            return pushed == null ? null : Folding.unfold(pushed, output.size(0));
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            return apart(inside.vjp(together(cotangents)));
        }

        @Override
        public boolean sumsRows() {
            return inside.sumsRows();
        }

        @Override
        public @Nullable INDArray pullBack(INDArray cotangent, boolean toInput, INDArray gradient) {
            INDArray back = inside.pullBack(together(cotangent), toInput, gradient);
            return back == null ? null : apart(back);
        }

        @Override
        public void writeStatistics(INDArray update) {
            inside.writeStatistics(update);
        }

        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            return inside.jacobian(together(cotangents), scaling, coupled).joined(parts);
        }

        /** [K, N, T, …] as [K, N T, …]. */
        private static INDArray together(INDArray cotangents) {
            return Folding.unfold(Folding.fold(Folding.fold(cotangents)), cotangents.size(0));
        }

        /** [K, N T, …] as [K, N, T, …]. */
        private INDArray apart(INDArray cotangents) {
            long count = cotangents.size(0);
            INDArray parted = Folding.unfold(Folding.fold(cotangents), count * output.size(0));
            return Folding.unfold(parted, count);
        }
    }
}
