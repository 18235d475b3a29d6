package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The rows of a dense layer z = W ã: row (k, n) is the outer product of ã_n and δ̃_{k,n}.
 *
 * <p>Never formed: the Gram matrix is the Hadamard product (ã_n·ã_m)(δ̃_{k,n}·δ̃_{j,m}), a combination of rows the product
 * ãᵀ(Σ_k q_k ∘ δ̃_k). Parameters are W [in, out] column-major, then b [out] where the layer has a bias.
 */
public final class DenseJacobian implements LayerJacobian {

    private final String name;
    private final long parameterOffset;
    private final INDArray input;
    private final INDArray cotangents;
    private final boolean bias;

    /**
     * Keeps the captured arrays, without copying them.
     *
     * @param name the layer's name
     * @param parameterOffset where its parameters start
     * @param input ã, [N, in] without a bias, [N, in + 1] with one, scaled by the square roots of the parameterisation's scales
     * @param cotangents δ̃, [K, N, out]
     * @param bias whether the last column of the input belongs to a bias
     */
    public DenseJacobian(String name, long parameterOffset, INDArray input, INDArray cotangents, boolean bias) {
        if (input.rank() != 2 || cotangents.rank() != 3 || input.size(0) != cotangents.size(1)) {
            throw new IllegalArgumentException(
                    "Layer " + name + ": expected an input [N, in] and cotangents [K, N, out], got "
                            + input.shapeInfoToString() + " and " + cotangents.shapeInfoToString());
        }
        this.name = name;
        this.parameterOffset = parameterOffset;
        this.input = input;
        this.cotangents = cotangents;
        this.bias = bias;
    }

    /** A layer as a dense one, or an error that names it and what it has no rule for. */
    static DenseJacobian require(LayerJacobian layer, String rule) {
        if (layer instanceof DenseJacobian dense) {
            return dense;
        }
        throw new IllegalArgumentException(
                "Layer " + layer.name() + ": " + layer.getClass().getSimpleName() + " has no rule for " + rule);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long parameterOffset() {
        return parameterOffset;
    }

    @Override
    public long parameters() {
        return inputs() * outputs();
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
     * Whether the last input column belongs to a bias.
     *
     * @return true with a bias
     */
    public boolean hasBias() {
        return bias;
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
        INDArray inputGram = a.mmul(a.transpose());
        INDArray gram = d.mmul(d.transpose());
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
        INDArray weighted = cotangents.mul(coefficients.reshape(cotangentCount(), samples(), 1));
        return cotangentCount() == 1 ? weighted.reshape(samples(), outputs()) : weighted.sum(0);
    }

    @Override
    public INDArray transposeTimes(INDArray coefficients) {
        return layout().flatten(input.transpose().mmul(contract(coefficients)));
    }

    @Override
    public INDArray times(INDArray tangent) {
        INDArray z = input.mmul(layout().unflatten(tangent));
        return cotangents.mul(z.reshape(1, samples(), outputs())).sum(2);
    }

    /**
     * How the layer's parameters lie in its flat segment.
     *
     * @return the layout
     */
    public DenseLayout layout() {
        return new DenseLayout(inputs(), outputs(), bias);
    }

    @Override
    public INDArray toDense() {
        long rows = rows();
        INDArray dense = Nd4j.create(input.dataType(), rows, parameters());
        INDArray d = stackedCotangents();
        for (long row = 0; row < rows; row++) {
            INDArray a = input.getRow(row % samples(), true);
            INDArray outer = a.transpose().mmul(d.getRow(row, true));
            dense.putRow(row, layout().flatten(outer));
        }
        return dense;
    }

    @Override
    public DenseJacobian castTo(DataType dataType) {
        return input.dataType() == dataType
                ? this
                : new DenseJacobian(name, parameterOffset, input.castTo(dataType), cotangents.castTo(dataType), bias);
    }
}
