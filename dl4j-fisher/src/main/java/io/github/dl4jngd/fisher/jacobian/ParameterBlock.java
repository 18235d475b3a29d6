package io.github.dl4jngd.fisher.jacobian;

import io.github.dl4jngd.fisher.internal.Products;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * One block of parameters: where it lies in the flat parameter vector, and the matrix [W; bᵀ] it is seen as.
 *
 * <p>The matrix is [inputs, units]: a column holds what one unit owns, its weights and, last, its bias where the block
 * has one. A dense unit is a neuron, a convolution's an output channel, a batch normalisation's a channel with its pair
 * (γ, β).
 */
public final class ParameterBlock {

    private static final long NONE = -1;

    private final String name;
    private final long weightsOffset;
    /** The weights' own axes, row-major, and the order of these axes that makes them [units, inputs without bias]. */
    private final long[] axes;

    private final int @Nullable [] order;
    private final long biasOffset;
    private final long weightInputs;
    private final long units;
    private final boolean weights;
    private final boolean words;

    private ParameterBlock(
            String name,
            long weightsOffset,
            long[] axes,
            int @Nullable [] order,
            long biasOffset,
            long weightInputs,
            long units,
            boolean weights,
            boolean words) {
        this.name = name;
        this.weightsOffset = weightsOffset;
        this.axes = axes;
        this.order = order;
        this.biasOffset = biasOffset;
        this.weightInputs = weightInputs;
        this.units = units;
        this.weights = weights;
        this.words = words;
    }

    /**
     * A block whose units' weights lie one after the other: a column-major matrix [in, out], or a row-major filter
     * [out, in, …].
     *
     * @param name the layer's name, unique among the blocks of a network
     * @param weightsOffset the first weight in the flat vector
     * @param inputs the number of weights of one unit
     * @param units the number of units
     * @return the block, without a bias
     */
    public static ParameterBlock of(String name, long weightsOffset, long inputs, long units) {
        return new ParameterBlock(
                name, weightsOffset, new long[] {units, inputs}, null, NONE, inputs, units, true, false);
    }

    /**
     * A block whose weights are a row-major array with its axes in another order.
     *
     * @param name the layer's name, unique among the blocks of a network
     * @param weightsOffset the first weight in the flat vector
     * @param axes the array's shape
     * @param order the order of axes in which the units come first and a unit's weights last
     * @param units the number of units
     * @return the block, without a bias
     */
    public static ParameterBlock permuted(String name, long weightsOffset, long[] axes, int[] order, long units) {
        long length = Arrays.stream(axes).reduce(1, (a, b) -> a * b);
        return new ParameterBlock(
                name, weightsOffset, axes.clone(), order.clone(), NONE, length / units, units, true, false);
    }

    /**
     * The same block with a bias.
     *
     * @param offset the first bias in the flat vector, one for each unit
     * @return a block with one more input
     */
    public ParameterBlock withBias(long offset) {
        return new ParameterBlock(name, weightsOffset, axes, order, offset, weightInputs, units, weights, words);
    }

    /**
     * The same block for parameters that are no weights, which no parameterisation rescales: a batch normalisation's γ
     * and β.
     *
     * @return a block for which {@link #hasWeights()} is false
     */
    public ParameterBlock withoutWeights() {
        return new ParameterBlock(name, weightsOffset, axes, order, biasOffset, weightInputs, units, false, words);
    }

    /**
     * The same block of an embedding, whose inputs are words: ã is a unit vector at every position, and A diagonal.
     *
     * @return a block for which {@link #hasWords()} is true
     */
    public ParameterBlock ofWords() {
        return new ParameterBlock(name, weightsOffset, axes, order, biasOffset, weightInputs, units, weights, true);
    }

    /**
     * Whether the inputs are words, so that nothing is to be made for each pair of them.
     *
     * @return true for an embedding
     */
    public boolean hasWords() {
        return words;
    }

    /**
     * Whether the parameters are weights and biases in the sense of a parameterisation.
     *
     * @return false for a batch normalisation
     */
    public boolean hasWeights() {
        return weights;
    }

    /**
     * The layer's name.
     *
     * @return a name for messages and as a key
     */
    public String name() {
        return name;
    }

    /**
     * Whether the last row of the matrix is a bias.
     *
     * @return true with a bias
     */
    public boolean hasBias() {
        return biasOffset != NONE;
    }

    /**
     * The number of rows of the matrix.
     *
     * @return in, or in + 1 with a bias
     */
    public long inputs() {
        return hasBias() ? weightInputs + 1 : weightInputs;
    }

    /**
     * The number of weights of one unit, without its bias.
     *
     * @return in
     */
    public long weightInputs() {
        return weightInputs;
    }

    /**
     * The number of columns of the matrix.
     *
     * @return out
     */
    public long units() {
        return units;
    }

    /**
     * Where the block's weights start in the flat parameter vector.
     *
     * @return the offset of the first weight
     */
    public long offset() {
        return weightsOffset;
    }

    /**
     * The number of parameters.
     *
     * @return P_l
     */
    public long parameters() {
        return inputs() * units;
    }

    /**
     * This block of a parameter vector.
     *
     * @param flat [P]; not modified
     * @return [W; bᵀ], [inputs, units], column-major: a view where weights lie in order and there is no bias, else a
     *     copy
     */
    public INDArray read(INDArray flat) {
        if (!hasBias() && order == null) {
            return orderedWeights(flat);
        }
        INDArray matrix = Nd4j.createUninitialized(flat.dataType(), new long[] {inputs(), units}, 'f');
        INDArray target = weightRows(matrix);
        if (order == null) {
            target.assign(orderedWeights(flat));
        } else {
            target.assign(permutedWeights(flat)
                    .dup('c')
                    .reshape('c', units, weightInputs)
                    .transpose());
        }
        if (hasBias()) {
            biasRow(matrix).assign(biasOf(flat));
        }
        return matrix;
    }

    /**
     * Writes this block of a parameter vector.
     *
     * @param matrix [W; bᵀ], [inputs, units]
     * @param flat [P]; modified where the block lies
     */
    public void write(INDArray matrix, INDArray flat) {
        write(weightRows(matrix), hasBias() ? biasRow(matrix) : null, flat);
    }

    /**
     * Writes this block of a parameter vector. Where weights lie in order and the matrix is column-major, its numbers
     * are copied one after the other, which is several times faster than from a matrix that has the biases in it.
     *
     * @param matrix W, [inputs without bias, units]
     * @param biases bᵀ, [1, units]; null for a block without
     * @param flat [P]; modified where the block lies
     */
    public void write(INDArray matrix, @Nullable INDArray biases, INDArray flat) {
        if (order != null) {
            INDArray target = permutedWeights(flat);
            target.assign(matrix.transpose().dup('c').reshape('c', target.shape()));
        } else if (matrix.ordering() == 'f' && Shape.hasDefaultStridesForShape(matrix)) {
            weightsOf(flat).assign(matrix.reshape('f', new long[] {matrix.length()}));
        } else {
            orderedWeights(flat).assign(matrix);
        }
        if (biases != null) {
            biasOf(flat).assign(biases);
        }
    }

    /**
     * ‖block‖² of a parameter vector.
     *
     * @param flat the vector, [P]
     * @return the sum of squares of the block's entries
     */
    public double squaredNorm(INDArray flat) {
        return Products.squaredNorm(weightsOf(flat)) + (hasBias() ? Products.squaredNorm(biasOf(flat)) : 0);
    }

    /**
     * Writes this block as a product, without forming it elsewhere first.
     *
     * @param left X, [N, inputs]
     * @param right Y, [N, units]
     * @param factor what multiplies XᵀY
     * @param flat [P]; modified where the block lies
     */
    public void writeProduct(INDArray left, INDArray right, double factor, INDArray flat) {
        if (order != null) {
            write(Products.transposedTimes(left, right).muli(factor), flat);
            return;
        }
        INDArray x = left.ordering() == 'f' ? left : left.dup('f');
        INDArray weightColumns = hasBias() ? x.get(NDArrayIndex.all(), NDArrayIndex.interval(0, weightInputs)) : x;
        Products.gemm(orderedWeights(flat), weightColumns, true, right, false, factor, 0);
        if (hasBias()) {
            INDArray last = x.get(NDArrayIndex.all(), NDArrayIndex.interval(weightInputs, weightInputs + 1));
            biasOf(flat).assign(Products.transposedTimes(last, right).muli(factor));
        }
    }

    /**
     * Where the matrix's entries, column after column, lie in the flat vector.
     *
     * @param parameters P
     * @return indices, one an entry
     */
    public long[] positions(long parameters) {
        INDArray matrix = read(Nd4j.arange((double) parameters).castTo(DataType.DOUBLE));
        return matrix.dup('f').reshape('f', new long[] {parameters()}).toLongVector();
    }

    private INDArray orderedWeights(INDArray flat) {
        return weightsOf(flat).reshape('f', weightInputs, units);
    }

    private INDArray permutedWeights(INDArray flat) {
        return weightsOf(flat).reshape('c', axes).permute(order);
    }

    private INDArray weightsOf(INDArray flat) {
        return flat.get(NDArrayIndex.interval(weightsOffset, weightsOffset + weightInputs * units));
    }

    private INDArray biasOf(INDArray flat) {
        return flat.get(NDArrayIndex.interval(biasOffset, biasOffset + units)).reshape('c', 1, units);
    }

    /**
     * The weights' part of a matrix.
     *
     * @param matrix [W; bᵀ], [inputs, units]
     * @return W, a view
     */
    public INDArray weightRows(INDArray matrix) {
        return hasBias() ? matrix.get(NDArrayIndex.interval(0, weightInputs), NDArrayIndex.all()) : matrix;
    }

    /**
     * The biases' part of a matrix of a block with a bias.
     *
     * @param matrix [W; bᵀ], [inputs, units]
     * @return bᵀ, [1, units], a view
     */
    public INDArray biasRow(INDArray matrix) {
        return matrix.get(NDArrayIndex.interval(weightInputs, weightInputs + 1), NDArrayIndex.all());
    }

    @Override
    public String toString() {
        return name + " [" + inputs() + ", " + units + "]";
    }
}
