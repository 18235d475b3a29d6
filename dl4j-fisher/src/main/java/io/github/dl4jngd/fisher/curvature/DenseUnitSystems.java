package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The units of a dense layer; in the dual an N×N system each. */
final class DenseUnitSystems extends UnitSystems {

    private final DenseJacobian layer;
    private final INDArray input;
    /** w, [out, N]. */
    private final INDArray weights;
    /** ããᵀ/N, [N, N]; null in the primal. */
    private final @Nullable INDArray inputGram;

    /**
     * @param linearAlgebra factorisations
     * @param layer the layer in float64
     */
    DenseUnitSystems(LinearAlgebra linearAlgebra, DenseJacobian layer) {
        super(linearAlgebra, layer.block(), layer.samples(), layer.samples());
        this.layer = layer;
        this.input = layer.input();
        INDArray squares = layer.cotangents().mul(layer.cotangents());
        this.weights = (layer.cotangentCount() == 1 ? squares.reshape(samples, layer.outputs()) : squares.sum(0))
                .transpose()
                .dup('c');
        this.inputGram = dual ? Products.timesTransposed(input, input).divi(samples) : null;
    }

    @Override
    INDArray transposeTimes(INDArray residual) {
        return layer.transposeTimes(residual);
    }

    @Override
    Solution dualNaturalGradient(INDArray residual, Damping damping) {
        INDArray rootWeights = Transforms.sqrt(weights, true);
        // e/√w, zero where w = 0: there e is zero as well
        INDArray active = weights.gt(0).castTo(DataType.DOUBLE);
        INDArray right = layer.contract(residual).transpose().dup('c').divi(rootWeights.add(active.rsub(1)));
        Solved solved = solveRows(right.muli(active), damping);
        INDArray matrix = Products.transposedTimes(
                        input, solved.x().muli(rootWeights).transpose())
                .divi(samples);
        return new Solution(matrix, quadratic(matrix, solved.rho()), solved.jitter());
    }

    /** v_u = (g_u − ãᵀ√w (√w ããᵀ √w/N + ρI)⁻¹ √w ã g_u/N)/ρ. */
    @Override
    Solution dualSolve(INDArray gradient, Damping damping) {
        INDArray rootWeights = Transforms.sqrt(weights, true);
        Solved solved = solveRows(input.mmul(gradient).transpose().dup('c').muli(rootWeights), damping);
        Requirements.requirePositive(solved.rho().minNumber().doubleValue());
        INDArray correction = Products.transposedTimes(
                        input, solved.x().muli(rootWeights).transpose())
                .divi(samples);
        INDArray matrix = gradient.sub(correction).diviRowVector(solved.rho());
        return new Solution(matrix, quadratic(matrix, solved.rho()), solved.jitter());
    }

    /**
     * The dual systems differ in √w alone; only where one of them is singular are they formed, so that jitter can be
     * added.
     */
    @Override
    Solved solveRows(INDArray right, Damping damping) {
        if (inputGram == null) {
            return super.solveRows(right, damping);
        }
        INDArray rho = damping.relative()
                ? weights.mulRowVector(Diagonals.of(inputGram)).mean(1).muli(damping.value())
                : Nd4j.valueArrayOf(new long[] {block.units()}, damping.value(), DataType.DOUBLE);
        try {
            return new Solved(linearAlgebra.solveScaled(inputGram, Transforms.sqrt(weights, true), rho, right), rho, 0);
        } catch (NotPositiveDefiniteException e) {
            return super.solveRows(right, damping);
        }
    }

    @Override
    INDArray alive() {
        return weights.sum(1).gt(0).castTo(DataType.DOUBLE);
    }

    @Override
    INDArray matrices(long from, long to) {
        long units = to - from;
        INDArray w = rows(weights, from, to).dup('c');
        if (inputGram != null) {
            INDArray root = Transforms.sqrt(w, false);
            INDArray outer = root.reshape(units, samples, 1).mul(root.reshape(units, 1, samples));
            return outer.muli(inputGram.reshape(1, samples, samples));
        }
        long n = layer.inputs();
        INDArray stack = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {units, n, n}, 'c');
        for (long u = 0; u < units; u++) {
            INDArray weighted = input.mulColumnVector(w.getRow(u, true).transpose());
            stack.get(NDArrayIndex.point(u), NDArrayIndex.all(), NDArrayIndex.all())
                    .assign(weighted.transpose().mmul(input).divi(samples));
        }
        return stack;
    }
}
