package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.UnitRows;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The units of a layer whose rows are formed, such as a convolution's output channels: F_u = J̃_uᵀJ̃_u/N. */
final class FormedUnitSystems extends UnitSystems {

    private final UnitRows layer;

    /**
     * @param linearAlgebra factorisations
     * @param layer the layer in float64
     * @param samples N
     */
    FormedUnitSystems(LinearAlgebra linearAlgebra, UnitRows layer, long samples) {
        super(linearAlgebra, layer.block(), samples, layer.rows());
        this.layer = layer;
    }

    @Override
    INDArray transposeTimes(INDArray residual) {
        return layer.transposeTimes(residual);
    }

    @Override
    Solution dualNaturalGradient(INDArray residual, Damping damping) {
        INDArray right = Nd4j.createUninitialized(DataType.DOUBLE, block.units(), layer.rows());
        right.assign(residual.reshape('c', 1, layer.rows()).repeat(0, block.units()));
        Solved solved = solveRows(right, damping);
        INDArray matrix = combine(solved.x()).divi(samples);
        return Solution.of(block, matrix, solved, damping);
    }

    /** v_u = (g_u − J̃_uᵀ(J̃_uJ̃_uᵀ/N + ρI)⁻¹J̃_u g_u/N)/ρ. */
    @Override
    Solution dualSolve(INDArray gradient, Damping damping) {
        INDArray right = Nd4j.createUninitialized(DataType.DOUBLE, block.units(), layer.rows());
        INDArray gathered = layer.gather(gradient);
        for (long u = 0; u < block.units(); u++) {
            right.getRow(u).assign(layer.unit(u).mmul(gathered.getColumn(u, true)));
        }
        Solved solved = solveRows(right, damping);
        Requirements.requirePositive(solved.rho().minNumber().doubleValue());
        INDArray matrix = gradient.sub(combine(solved.x()).divi(samples)).diviRowVector(solved.rho());
        return Solution.of(block, matrix, solved, damping);
    }

    /** J̃_uᵀ x_u side by side, [inputs, units]. */
    private INDArray combine(INDArray x) {
        INDArray[] columns = new INDArray[Math.toIntExact(block.units())];
        for (int u = 0; u < columns.length; u++) {
            columns[u] = layer.unit(u).transpose().mmul(x.getRow(u, true).transpose());
        }
        return layer.spread(Nd4j.hstack(columns));
    }

    @Override
    INDArray alive() {
        INDArray alive = Nd4j.create(DataType.DOUBLE, block.units());
        for (long u = 0; u < block.units(); u++) {
            alive.putScalar(u, Products.squaredNorm(layer.unit(u)) > 0 ? 1 : 0);
        }
        return alive;
    }

    /** F_u of every unit, [units, inputs, inputs]. */
    INDArray primalMatrices() {
        return matrices(0, block.units(), false);
    }

    @Override
    INDArray matrices(long from, long to) {
        return matrices(from, to, dual);
    }

    private INDArray matrices(long from, long to, boolean ofRows) {
        long n = ofRows ? layer.rows() : block.inputs();
        INDArray stack = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {to - from, n, n}, 'c');
        for (long u = from; u < to; u++) {
            INDArray rows = layer.unit(u);
            INDArray product =
                    ofRows ? rows.mmul(rows.transpose()) : rows.transpose().mmul(rows);
            stack.get(NDArrayIndex.point(u - from), NDArrayIndex.all(), NDArrayIndex.all())
                    .assign(product.divi(samples));
        }
        return stack;
    }
}
