package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The units of a dense layer; in the dual an N×N system each.
 *
 * <p>Systems and sums are in float64. The K cotangents stay in the layer's own type: they are cast one at a time, which
 * fits into a core's cache.
 */
final class DenseUnitSystems extends UnitSystems {

    private final DenseJacobian layer;
    /** ã in float64, column-major, so that its weights' part has no gaps. */
    private final INDArray input;
    /** w, [out, N]. */
    private final INDArray weights;
    /** ããᵀ/N, [N, N]; null in the primal. */
    private final @Nullable INDArray inputGram;

    /**
     * @param linearAlgebra factorisations
     * @param layer the layer, in the model's type
     */
    DenseUnitSystems(LinearAlgebra linearAlgebra, DenseJacobian layer) {
        super(linearAlgebra, layer.block(), layer.samples(), layer.samples());
        this.layer = layer;
        this.input = layer.input().castTo(DataType.DOUBLE).dup('f');
        this.weights = byUnits(sumOverCotangents((k, delta) -> delta.muli(delta)));
        this.inputGram = dual ? Products.timesTransposed(input, input).divi(samples) : null;
    }

    /** A summand made from the k-th cotangent [N, out], which may be written to. */
    private interface Summand {
        INDArray of(long k, INDArray cotangent);
    }

    /** Σ_k f(δ̃_k), [N, out], in float64. */
    @SuppressWarnings("try") // scopes are resources that are never named
    private INDArray sumOverCotangents(Summand summand) {
        INDArray sum = Nd4j.create(DataType.DOUBLE, samples, layer.outputs());
        for (long k = 0; k < layer.cotangentCount(); k++) {
            try (Scratch ignored = Scratch.open()) {
                INDArray cotangent = Nd4j.createUninitialized(DataType.DOUBLE, samples, layer.outputs());
                cotangent.assign(layer.cotangents().get(NDArrayIndex.point(k), NDArrayIndex.all(), NDArrayIndex.all()));
                sum.addi(summand.of(k, cotangent));
            }
        }
        return sum;
    }

    /** E with E_n = Σ_k q_{k,n} δ̃_{k,n}, [N, out]. */
    private INDArray contract(INDArray residual) {
        INDArray q = residual.reshape('c', layer.cotangentCount(), samples);
        // a column of its own: ND4J's broadcast of a view takes several times as long
        return sumOverCotangents(
                (k, delta) -> delta.muliColumnVector(q.getRow(k).dup().reshape('c', samples, 1)));
    }

    /** From [N, out] to [out, N]: the numbers of a unit next to each other. */
    private static INDArray byUnits(INDArray bySamples) {
        return bySamples.transpose().dup('c');
    }

    @Override
    INDArray transposeTimes(INDArray residual) {
        return Products.transposedTimes(input, contract(residual));
    }

    @Override
    Solution dualNaturalGradient(INDArray residual, Damping damping) {
        INDArray rootWeights = Transforms.sqrt(weights, true);
        // e/√w, zero where w = 0: there e is zero as well
        INDArray active = weights.gt(0).castTo(DataType.DOUBLE);
        INDArray right = byUnits(contract(residual)).divi(rootWeights.add(active.rsub(1)));
        Solved solved = solveRows(right.muli(active), damping);
        return combination(solved.x().muli(rootWeights).divi(samples), solved, damping);
    }

    /** v_u = ãᵀ c_u for the rows c_u of [out, N]. */
    private Solution combination(INDArray coefficients, Solved solved, Damping damping) {
        INDArray bySamples = coefficients.transpose();
        long weightInputs = block.weightInputs();
        INDArray weightsOfUnits = Products.transposedTimes(inputColumns(0, weightInputs), bySamples);
        INDArray biases = block.hasBias()
                ? Products.transposedTimes(inputColumns(weightInputs, weightInputs + 1), bySamples)
                : null;
        return Solution.of(weightsOfUnits, biases, solved, damping);
    }

    private INDArray inputColumns(long from, long to) {
        return input.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }

    /** v_u = (g_u − ãᵀ√w (√w ããᵀ √w/N + ρI)⁻¹ √w ã g_u/N)/ρ. */
    @Override
    Solution dualSolve(INDArray gradient, Damping damping) {
        INDArray rootWeights = Transforms.sqrt(weights, true);
        Solved solved = solveRows(byUnits(Products.times(input, gradient)).muli(rootWeights), damping);
        Requirements.requirePositive(solved.rho().minNumber().doubleValue());
        INDArray correction = Products.transposedTimes(
                        input, solved.x().muli(rootWeights).transpose())
                .divi(samples);
        return Solution.of(block, gradient.sub(correction).diviRowVector(solved.rho()), solved, damping);
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
                    .assign(Products.transposedTimes(weighted, input).divi(samples));
        }
        return stack;
    }
}
