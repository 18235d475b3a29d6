package io.github.dl4jngd.fisher.jacobian;

import io.github.dl4jngd.fisher.internal.BlockDiagonal;
import io.github.dl4jngd.fisher.internal.Products;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The rows of a dense layer z = W ã: row (k, n) is the outer product of ã_n and δ̃_{k,n}.
 *
 * <p>Never formed: the Gram matrix is the Hadamard product (ã_n·ã_m)(δ̃_{k,n}·δ̃_{j,m}), a combination of rows the
 * product ãᵀ(Σ_k q_k ∘ δ̃_k).
 */
public final class DenseJacobian implements KroneckerFactored {

    private final ParameterBlock block;
    private final INDArray input;
    private final INDArray cotangents;

    /**
     * Keeps the captured arrays, without copying them.
     *
     * @param block the layer's parameters
     * @param input ã, [N, inputs], scaled by the square roots of the parameterisation's scales
     * @param cotangents δ̃, [K, N, units]
     */
    public DenseJacobian(ParameterBlock block, INDArray input, INDArray cotangents) {
        if (input.rank() != 2
                || cotangents.rank() != 3
                || input.size(0) != cotangents.size(1)
                || input.size(1) != block.inputs()
                || cotangents.size(2) != block.units()) {
            throw new IllegalArgumentException("Layer " + block.name() + ": expected an input [N, " + block.inputs()
                    + "] and cotangents [K, N, " + block.units() + "], got " + Arrays.toString(input.shape()) + " and "
                    + Arrays.toString(cotangents.shape()));
        }
        this.block = block;
        this.input = input;
        this.cotangents = cotangents;
    }

    @Override
    public ParameterBlock block() {
        return block;
    }

    @Override
    public long rows() {
        return cotangentCount() * samples();
    }

    /**
     * The number of samples.
     *
     * @return N
     */
    public long samples() {
        return input.size(0);
    }

    /**
     * The number of cotangents.
     *
     * @return K
     */
    public long cotangentCount() {
        return cotangents.size(0);
    }

    /**
     * The size of ã.
     *
     * @return in, or in + 1 with a bias
     */
    public long inputs() {
        return input.size(1);
    }

    /**
     * The number of units.
     *
     * @return out
     */
    public long outputs() {
        return cotangents.size(2);
    }

    /**
     * The augmented input.
     *
     * @return ã, [N, in(+1)]
     */
    public INDArray input() {
        return input;
    }

    /**
     * The back-propagated cotangents.
     *
     * @return δ̃, [K, N, out]
     */
    public INDArray cotangents() {
        return cotangents;
    }

    /**
     * The back-propagated cotangents, rows stacked.
     *
     * @return δ̃, [KN, out]
     */
    public INDArray stackedCotangents() {
        return cotangents.reshape(rows(), outputs());
    }

    @Override
    public INDArray gram(DataType dataType) {
        long k = cotangentCount();
        long n = samples();
        INDArray a = input.castTo(dataType);
        INDArray d = stackedCotangents().castTo(dataType);
        INDArray inputGram = Products.timesTransposed(a, a);
        INDArray gram = Products.timesTransposed(d, d);
        if (k == 1) {
            return gram.muli(inputGram);
        }
        // [KN, KN] seen as [K, N, K, N]: every K×K block of N×N is multiplied by the Gram matrix of the inputs
        INDArray blocks = (gram.ordering() == 'c' ? gram : gram.dup('c')).reshape('c', k, n, k, n);
        return blocks.muli(inputGram.reshape(1, n, 1, n)).reshape('c', k * n, k * n);
    }

    /**
     * Contracts the cotangents with coefficients of the rows.
     *
     * @param coefficients q, [K, N]
     * @return E with E_n = Σ_k q_{k,n} δ̃_{k,n}, [N, out]
     */
    public INDArray contract(INDArray coefficients) {
        INDArray weighted = cotangents.mul(coefficients.reshape('c', cotangentCount(), samples(), 1));
        return cotangentCount() == 1 ? weighted.reshape(samples(), outputs()) : weighted.sum(0);
    }

    @Override
    public INDArray transposeTimes(INDArray coefficients) {
        return Products.transposedTimes(input, contract(coefficients));
    }

    @Override
    public INDArray times(INDArray tangent) {
        INDArray z = Products.times(input, tangent);
        return cotangents.mul(z.reshape(1, samples(), outputs())).sum(2).reshape('c', new long[] {rows()});
    }

    @Override
    public DenseJacobian firstSamples(long count) {
        return count >= samples()
                ? this
                : new DenseJacobian(
                        block,
                        input.get(NDArrayIndex.interval(0, count), NDArrayIndex.all())
                                .dup('c'),
                        cotangents
                                .get(NDArrayIndex.all(), NDArrayIndex.interval(0, count), NDArrayIndex.all())
                                .dup('c'));
    }

    @Override
    public INDArray inputFactor(WeightSharing sharing, long from, long to) {
        INDArray a = columns(input, from, to);
        return Products.transposedTimes(a, a).divi(samples());
    }

    @Override
    public INDArray outputFactor(WeightSharing sharing) {
        INDArray d = stackedCotangents();
        return Products.transposedTimes(d, d).divi(samples());
    }

    /** (ã U_A)∘²ᵀ Σ_k (δ̃_k U_G)∘²/N: no row is formed. */
    @Override
    public INDArray secondMoments(List<INDArray> inputBases, INDArray outputBasis) {
        INDArray a = BlockDiagonal.times(input, inputBases);
        INDArray d = Products.times(stackedCotangents(), outputBasis);
        INDArray squares = d.muli(d).dup('c').reshape('c', cotangentCount(), samples(), outputs());
        INDArray outputs = cotangentCount() == 1 ? squares.reshape('c', samples(), outputs()) : squares.sum(0);
        return Products.transposedTimes(a.muli(a), outputs).divi(samples());
    }

    /** Σ_{k,n} ‖ã_n‖² ‖δ̃_{k,n}‖². */
    @Override
    public double squaredNorm() {
        INDArray inputs = input.mul(input).sum(1);
        INDArray outputs = cotangents.mul(cotangents).sum(0, 2);
        return inputs.mul(outputs).sumNumber().doubleValue();
    }

    @Override
    public INDArray toDense() {
        long rows = rows();
        INDArray dense = Nd4j.create(input.dataType(), rows, parameters());
        INDArray d = stackedCotangents();
        for (long row = 0; row < rows; row++) {
            INDArray a = input.getRow(row % samples(), true);
            INDArray outer = a.transpose().mmul(d.getRow(row, true));
            dense.putRow(row, outer.dup('f').reshape('f', new long[] {parameters()}));
        }
        return dense;
    }

    @Override
    public DenseJacobian castTo(DataType dataType) {
        return input.dataType() == dataType
                ? this
                : new DenseJacobian(block, input.castTo(dataType), cotangents.castTo(dataType));
    }

    /** A row is then a sum over positions. */
    @Override
    public WeightSharedJacobian joined(long parts) {
        long n = samples() / parts;
        INDArray columns =
                input.dup('c').reshape('c', n, parts, inputs()).permute(0, 2, 1).dup('c');
        INDArray deltas = cotangents
                .dup('c')
                .reshape('c', cotangentCount(), n, parts, outputs())
                .permute(0, 1, 3, 2)
                .dup('c');
        return new WeightSharedJacobian(block, new GivenPatches(columns), deltas, false);
    }

    /** Columns from … to − 1, the matrix itself where these are all. */
    private static INDArray columns(INDArray matrix, long from, long to) {
        return from == 0 && to == matrix.size(1)
                ? matrix
                : matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }
}
