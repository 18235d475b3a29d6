package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.FormedJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The unit-wise blocks that stand in K-FAC for a layer without Kronecker factors, such as the 2×2 blocks of a batch
 * normalisation's (γ_c, β_c): F_u = J̃_uᵀJ̃_u/N, averaged over steps in float64.
 */
@SuppressWarnings("try") // scopes are resources that are never named
final class UnitWiseBlock implements FactoredBlock {

    private final ParameterBlock parameters;
    private final LinearAlgebra linearAlgebra;
    private final double decay;

    /**
     * The exponential mean of F_u without bias correction, [units, inputs, inputs], and the weight 1 − βᵗ that corrects
     * it.
     */
    private @Nullable INDArray mean;

    private double weight;
    private @Nullable INDArray inverse;

    UnitWiseBlock(ParameterBlock parameters, LinearAlgebra linearAlgebra, double decay) {
        this.parameters = parameters;
        this.linearAlgebra = linearAlgebra;
        this.decay = decay;
    }

    @Override
    public ParameterBlock parameters() {
        return parameters;
    }

    @Override
    public List<INDArray> statistics(LayerJacobian layer, long samples) {
        return List.of(blocks(layer, samples));
    }

    @Override
    public void observe(List<INDArray> statistics) {
        double keep = weight == 0 ? 0 : decay;
        double take = decay == 0 ? 1 : 1 - decay;
        INDArray blocks = statistics.get(0).muli(take);
        if (!Double.isFinite(Diagonals.ofEach(blocks).sumNumber().doubleValue())) {
            throw new ArithmeticException("K-FAC's unit-wise blocks of layer " + parameters.name()
                    + " are not finite at this minibatch; they were left out of the mean");
        }
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            mean = mean == null || keep == 0 ? blocks.dup('c') : mean.mul(keep).addi(blocks);
        }
        weight = keep * weight + take;
    }

    private INDArray blocks(LayerJacobian layer, long samples) {
        return new FormedUnitSystems(
                        linearAlgebra,
                        new FormedJacobian(layer.block(), layer.toDense()).castTo(DataType.DOUBLE),
                        samples)
                .primalMatrices();
    }

    @Override
    public Inversion inversion(Damping damping) {
        INDArray damped;
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            damped = damped(mean().div(weight), damping);
        }
        return () -> {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                INDArray inverted =
                        linearAlgebra.solveBatch(damped, identities()).dup('c');
                return new Inverses(List.of(inverted), 0);
            }
        };
    }

    @Override
    public void adopt(Inverses inverses) {
        inverse = inverses.matrices().get(0);
    }

    @Override
    public Inverses inverses() {
        return new Inverses(List.of(inverse()), 0);
    }

    @Override
    public List<INDArray> means() {
        return List.of(mean());
    }

    @Override
    public List<long[]> meanShapes() {
        return List.of(new long[] {parameters.units(), parameters.inputs(), parameters.inputs()});
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public void restore(List<INDArray> means, double weight, @Nullable Inverses inverses) {
        mean = means.get(0);
        this.weight = weight;
        if (inverses != null) {
            adopt(inverses);
        }
    }

    private INDArray mean() {
        return Requirements.requireObserved(mean);
    }

    private INDArray inverse() {
        if (inverse == null) {
            throw new IllegalStateException("The unit-wise blocks have not been inverted yet");
        }
        return inverse;
    }

    private INDArray identities() {
        long n = parameters.inputs();
        INDArray stack = Nd4j.create(DataType.DOUBLE, new long[] {parameters.units(), n, n}, 'c');
        Diagonals.ofEach(stack).assign(1);
        return stack;
    }

    /** A unit that nothing reaches has F_u = 0; without damping it stays. */
    private INDArray damped(INDArray blocks, Damping damping) {
        INDArray damped = blocks.dup('c');
        INDArray diagonals = Diagonals.ofEach(damped);
        diagonals.addi(damping(damping));
        INDArray empty = diagonals.eq(0).castTo(DataType.DOUBLE);
        diagonals.addi(empty);
        return damped;
    }

    @Override
    public boolean isInverted() {
        return inverse != null;
    }

    @Override
    public double jitter() {
        return 0;
    }

    @Override
    public double damping(Damping damping) {
        return damping.relative()
                ? damping.of(Diagonals.ofEach(mean()).meanNumber().doubleValue() / weight)
                : damping.value();
    }

    @Override
    public INDArray solve(INDArray matrix, Damping damping) {
        return times(inverse(), matrix);
    }

    @Override
    public long savedByRows(long samples) {
        return -1;
    }

    @Override
    public void solve(DenseJacobian rows, double factor, INDArray flat) {
        throw new UnsupportedOperationException("Unit-wise blocks are solved from the gradient");
    }

    @Override
    public INDArray naturalGradient(LayerJacobian layer, INDArray residual, long samples, Damping damping) {
        LayerJacobian wide = layer.castTo(DataType.DOUBLE);
        INDArray gradient =
                wide.transposeTimes(residual.castTo(DataType.DOUBLE)).divi(samples);
        return linearAlgebra
                .solveBatch(
                        damped(blocks(layer, samples), damping),
                        gradient.transpose().dup('c'))
                .transpose();
    }

    @Override
    public INDArray multiply(INDArray matrix) {
        return times(mean().div(weight), matrix);
    }

    private INDArray times(INDArray stack, INDArray matrix) {
        // a unit's column as a row that multiplies every row of its block
        INDArray rows = matrix.castTo(DataType.DOUBLE)
                .transpose()
                .dup('c')
                .reshape('c', parameters.units(), 1, parameters.inputs());
        return stack.mul(rows).sum(2).transpose().castTo(matrix.dataType());
    }
}
