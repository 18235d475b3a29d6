package io.github.dl4jngd.fisher.jacobian;

import io.github.dl4jngd.fisher.internal.BlockDiagonal;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.internal.Scratch;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The rows of a layer that applies the same weights at several places: the T positions of a convolution, or, below a
 * batch normalisation with batch statistics, where one cotangent has a δ̃ at every sample, all samples of the
 * minibatch.
 *
 * <p>Row (k, n) is Σ_t ã_{n,t} ⊗ δ̃_{k,n,t}; where samples are coupled row k is Σ_n Σ_t ã_{n,t} ⊗ δ̃_{k,n,t}.
 * Combinations of rows and products with them cost one matrix product over all positions; {@link #gram},
 * {@link #toDense} and {@link #formed} form the rows.
 */
public final class WeightSharedJacobian implements KroneckerFactored {

    /** How many elements of patches are made at a time. */
    private static final long CHUNK_ELEMENTS = 1L << 22;

    private final ParameterBlock block;
    private final Patches patches;
    private final INDArray cotangents;
    private final boolean coupled;

    /**
     * Keeps the captured arrays, without copying them.
     *
     * @param block the layer's parameters
     * @param patches ã
     * @param cotangents δ̃, [K, N, units, T], row-major
     * @param coupled whether a row is the sum over all samples
     */
    public WeightSharedJacobian(ParameterBlock block, Patches patches, INDArray cotangents, boolean coupled) {
        if (cotangents.rank() != 4
                || cotangents.size(1) != patches.samples()
                || cotangents.size(2) != block.units()
                || cotangents.size(3) != patches.positions()) {
            throw new IllegalArgumentException("Layer " + block.name() + ": expected cotangents [K, "
                    + patches.samples() + ", " + block.units() + ", " + patches.positions() + "], got "
                    + Arrays.toString(cotangents.shape()));
        }
        this.block = block;
        this.patches = patches;
        this.cotangents = cotangents;
        this.coupled = coupled;
    }

    @Override
    public ParameterBlock block() {
        return block;
    }

    @Override
    public long rows() {
        return coupled ? count() : count() * samples();
    }

    private long count() {
        return cotangents.size(0);
    }

    private long samples() {
        return patches.samples();
    }

    private long positions() {
        return patches.positions();
    }

    @Override
    public INDArray gram(DataType dataType) {
        return formed(dataType).gram(dataType);
    }

    @Override
    public INDArray transposeTimes(INDArray coefficients) {
        INDArray q = coupled
                ? coefficients.reshape('c', count(), 1, 1, 1)
                : coefficients.reshape('c', count(), samples(), 1, 1);
        INDArray contracted = cotangents.mul(q).sum(0);
        INDArray result = Nd4j.create(cotangents.dataType(), new long[] {block.inputs(), block.units()}, 'f');
        forEachChunk((from, to, columns) -> accumulate(columns, samples(contracted, from, to), result));
        return result;
    }

    @Override
    public INDArray times(INDArray tangent) {
        INDArray products = Nd4j.createUninitialized(cotangents.dataType(), count(), samples());
        INDArray transposed = tangent.transpose().dup('c');
        forEachChunk((from, to, columns) -> {
            for (long n = from; n < to; n++) {
                INDArray z = transposed.mmul(sample(columns, n - from));
                INDArray delta = cotangents.get(
                        NDArrayIndex.all(), NDArrayIndex.point(n), NDArrayIndex.all(), NDArrayIndex.all());
                products.getColumn(n)
                        .assign(delta.mul(z.reshape('c', 1, block.units(), positions()))
                                .sum(1, 2));
            }
        });
        return coupled ? products.sum(1) : products.reshape('c', new long[] {rows()});
    }

    @Override
    public INDArray toDense() {
        return formed(cotangents.dataType()).toDense();
    }

    /**
     * Forms the rows.
     *
     * @param dataType their type
     * @return the rows as a matrix, [rows, P_l]
     */
    public FormedJacobian formed(DataType dataType) {
        INDArray matrix = Nd4j.create(dataType, rows(), block.parameters());
        forEachChunk((from, to, columns) -> {
            INDArray wide = columns.castTo(dataType);
            INDArray product = Nd4j.create(dataType, new long[] {block.inputs(), block.units()}, 'f');
            INDArray flat = product.reshape('f', new long[] {block.parameters()});
            for (long k = 0; k < count(); k++) {
                INDArray delta = samples(cotangents.slice(k), from, to).castTo(dataType);
                if (coupled) {
                    product.assign(0);
                    accumulate(wide, delta, product);
                    matrix.getRow(k).addi(flat);
                } else {
                    for (long n = from; n < to; n++) {
                        Nd4j.gemm(sample(wide, n - from), sample(delta, n - from), product, false, true, 1, 0);
                        matrix.getRow(k * samples() + n).assign(flat);
                    }
                }
            }
        });
        return new FormedJacobian(block, matrix);
    }

    @Override
    public WeightSharedJacobian castTo(DataType dataType) {
        return cotangents.dataType() == dataType
                ? this
                : new WeightSharedJacobian(block, patches.castTo(dataType), cotangents.castTo(dataType), coupled);
    }

    @Override
    public WeightSharedJacobian joined(long parts) {
        long n = samples() / parts;
        INDArray deltas = cotangents
                .dup('c')
                .reshape('c', count(), n, parts, block.units(), positions())
                .permute(0, 1, 3, 2, 4)
                .dup('c')
                .reshape('c', count(), n, block.units(), parts * positions());
        return new WeightSharedJacobian(block, new JoinedPatches(patches, parts), deltas, coupled);
    }

    @Override
    public WeightSharedJacobian firstSamples(long count) {
        return count >= samples()
                ? this
                : new WeightSharedJacobian(
                        block,
                        patches.first(count),
                        cotangents
                                .get(
                                        NDArrayIndex.all(),
                                        NDArrayIndex.interval(0, count),
                                        NDArrayIndex.all(),
                                        NDArrayIndex.all())
                                .dup('c'),
                        coupled);
    }

    @Override
    public INDArray inputFactor(WeightSharing sharing, long first, long end) {
        INDArray factor = Nd4j.create(cotangents.dataType(), new long[] {end - first, end - first}, 'f');
        forEachChunk((from, to, columns) -> {
            INDArray all = sharing == WeightSharing.EXPAND ? columns : columns.mean(true, 2);
            INDArray a = first == 0 && end == block.inputs()
                    ? all
                    : all.get(NDArrayIndex.all(), NDArrayIndex.interval(first, end), NDArrayIndex.all())
                            .dup('c');
            accumulate(a, a, factor);
        });
        return factor.divi(samples());
    }

    @Override
    public INDArray outputFactor(WeightSharing sharing) {
        INDArray factor = Nd4j.create(cotangents.dataType(), new long[] {block.units(), block.units()}, 'f');
        for (long k = 0; k < count(); k++) {
            INDArray d = sharing == WeightSharing.EXPAND
                    ? cotangents.slice(k)
                    : cotangents.slice(k).sum(true, 2);
            accumulate(d, d, factor);
        }
        double terms = sharing == WeightSharing.EXPAND ? (double) samples() * positions() : samples();
        return factor.divi(terms);
    }

    /** Rows are formed, some at a time, and turned: U_Aᵀ (Σ_t ã_t δ̃_tᵀ) U_G. */
    @Override
    @SuppressWarnings("try") // scopes are resources that are never named
    public INDArray secondMoments(List<INDArray> inputBases, INDArray outputBasis) {
        INDArray sums = Nd4j.create(cotangents.dataType(), new long[] {block.inputs(), block.units()}, 'f');
        INDArray product = Nd4j.createUninitialized(cotangents.dataType(), sums.shape(), 'f');
        if (coupled) {
            for (long k = 0; k < count(); k++) {
                INDArray delta = cotangents.slice(k);
                product.assign(0);
                forEachChunk((from, to, columns) -> accumulate(columns, samples(delta, from, to), product));
                try (Scratch ignored = Scratch.open()) {
                    addSquare(product, inputBases, outputBasis, sums);
                }
            }
        } else {
            forEachChunk((from, to, columns) -> {
                for (long k = 0; k < count(); k++) {
                    INDArray delta = samples(cotangents.slice(k), from, to);
                    for (long n = 0; n < to - from; n++) {
                        Nd4j.gemm(sample(columns, n), sample(delta, n), product, false, true, 1, 0);
                        try (Scratch ignored = Scratch.open()) {
                            addSquare(product, inputBases, outputBasis, sums);
                        }
                    }
                }
            });
        }
        return sums.divi(samples());
    }

    /** sums += (U_Aᵀ R U_G)∘². */
    private static void addSquare(INDArray row, List<INDArray> inputBases, INDArray outputBasis, INDArray sums) {
        INDArray turned = Products.times(BlockDiagonal.transposedTimes(inputBases, row), outputBasis);
        sums.addi(turned.muli(turned));
    }

    /** result += Σ_n A_n B_nᵀ for A [n, a, T] and B [n, b, T]. */
    private static void accumulate(INDArray a, INDArray b, INDArray result) {
        long n = a.size(0);
        if (a.size(2) == 1) {
            INDArray left = compact(a).reshape('c', n, a.size(1));
            INDArray right = compact(b).reshape('c', n, b.size(1));
            Nd4j.gemm(left, right, result, true, false, 1, 1);
            return;
        }
        for (long i = 0; i < n; i++) {
            Nd4j.gemm(sample(a, i), sample(b, i), result, false, true, 1, 1);
        }
    }

    private static INDArray compact(INDArray array) {
        return array.ordering() == 'c' && !array.isView() ? array : array.dup('c');
    }

    /** One sample of [n, rows, T], a row-major matrix. */
    private static INDArray sample(INDArray stack, long n) {
        INDArray matrix = stack.slice(n);
        return matrix.ordering() == 'c' && matrix.stride(1) == 1 && matrix.stride(0) == matrix.size(1)
                ? matrix
                : matrix.dup('c');
    }

    private static INDArray samples(INDArray stack, long from, long to) {
        return from == 0 && to == stack.size(0)
                ? stack
                : stack.get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all());
    }

    private interface Chunk {
        void accept(long from, long to, INDArray columns);
    }

    @SuppressWarnings("try") // scopes are resources that are never named
    private void forEachChunk(Chunk chunk) {
        long step = Math.max(1, CHUNK_ELEMENTS / (positions() * block.inputs()));
        for (long from = 0; from < samples(); from += step) {
            long to = Math.min(samples(), from + step);
            try (Scratch ignored = Scratch.open()) {
                chunk.accept(from, to, patches.columns(from, to));
            }
        }
    }
}
