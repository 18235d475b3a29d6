package io.github.dl4jngd.fisher.curvature;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The rows of a layer that applies the same weights at several places: the T positions of a convolution, or, below a batch
 * normalisation with batch statistics, where one cotangent has a δ̃ at every sample, all samples of the minibatch.
 *
 * <p>Row (k, n) is Σ_t ã_{n,t} ⊗ δ̃_{k,n,t}; where samples are coupled row k is Σ_n Σ_t ã_{n,t} ⊗ δ̃_{k,n,t}. Combinations of rows and
 * products with them cost one matrix product over all positions; only {@link #gram} forms the rows.
 */
public final class SharedJacobian implements KroneckerFactored {

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
     * @param cotangents δ̃, [K, N, T, units]
     * @param coupled whether a row is the sum over all samples
     */
    public SharedJacobian(ParameterBlock block, Patches patches, INDArray cotangents, boolean coupled) {
        if (cotangents.rank() != 4
                || cotangents.size(1) != patches.samples()
                || cotangents.size(2) != patches.positions()
                || cotangents.size(3) != block.units()) {
            throw new IllegalArgumentException("Layer " + block.name() + ": expected cotangents [K, "
                    + patches.samples() + ", " + patches.positions() + ", " + block.units() + "], got "
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
        return materialize(dataType).gram(dataType);
    }

    @Override
    public INDArray transposeTimes(INDArray coefficients) {
        INDArray q = coupled
                ? coefficients.reshape('c', count(), 1, 1, 1)
                : coefficients.reshape('c', count(), samples(), 1, 1);
        INDArray contracted = cotangents.mul(q).sum(0).reshape('c', samples() * positions(), block.units());
        INDArray result = Nd4j.create(cotangents.dataType(), new long[] {block.inputs(), block.units()}, 'f');
        forEachChunk((from, to, rows) -> result.addi(rows.transpose().mmul(positions(contracted, from, to))));
        return result;
    }

    @Override
    public INDArray times(INDArray tangent) {
        INDArray products = Nd4j.createUninitialized(cotangents.dataType(), count(), samples());
        forEachChunk((from, to, rows) -> {
            INDArray z = rows.mmul(tangent).dup('c').reshape('c', 1, to - from, positions(), block.units());
            products.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to))
                    .assign(ofSamples(from, to).mul(z).sum(2, 3));
        });
        return coupled ? products.sum(1) : products.reshape('c', new long[] {rows()});
    }

    @Override
    public INDArray toDense() {
        return materialize(cotangents.dataType()).toDense();
    }

    /**
     * Forms the rows.
     *
     * @param dataType their type
     * @return the rows as a matrix, [rows, P_l]
     */
    public MaterializedJacobian materialize(DataType dataType) {
        INDArray matrix = Nd4j.create(dataType, rows(), block.parameters());
        forEachChunk((from, to, rows) -> {
            INDArray wide = rows.castTo(dataType);
            for (long k = 0; k < count(); k++) {
                if (coupled) {
                    INDArray delta = ofSample(k, from, to, dataType);
                    matrix.getRow(k).addi(flat(wide.transpose().mmul(delta)));
                } else {
                    for (long n = from; n < to; n++) {
                        INDArray patch = wide.get(
                                NDArrayIndex.interval((n - from) * positions(), (n - from + 1) * positions()),
                                NDArrayIndex.all());
                        INDArray delta = ofSample(k, n, n + 1, dataType);
                        matrix.getRow(k * samples() + n)
                                .assign(flat(patch.transpose().mmul(delta)));
                    }
                }
            }
        });
        return new MaterializedJacobian(block, matrix);
    }

    private INDArray flat(INDArray outer) {
        return outer.dup('f').reshape('f', new long[] {block.parameters()});
    }

    @Override
    public SharedJacobian castTo(DataType dataType) {
        return cotangents.dataType() == dataType
                ? this
                : new SharedJacobian(block, patches.castTo(dataType), cotangents.castTo(dataType), coupled);
    }

    @Override
    public INDArray inputFactor(WeightSharing sharing, long first, long end) {
        INDArray factor = Nd4j.create(cotangents.dataType(), new long[] {end - first, end - first}, 'f');
        forEachChunk((from, to, rows) -> {
            INDArray all = sharing == WeightSharing.EXPAND
                    ? rows
                    : rows.reshape('c', to - from, positions(), block.inputs()).mean(1);
            INDArray a = Matrices.columns(all, first, end);
            factor.addi(a.transpose().mmul(a));
        });
        return factor.divi(samples());
    }

    @Override
    public INDArray outputFactor(WeightSharing sharing) {
        INDArray d = sharing == WeightSharing.EXPAND
                ? cotangents.reshape('c', count() * samples() * positions(), block.units())
                : cotangents.sum(2).reshape('c', count() * samples(), block.units());
        double terms = sharing == WeightSharing.EXPAND ? (double) samples() * positions() : samples();
        return d.transpose().mmul(d).divi(terms);
    }

    private interface Chunk {
        void accept(long from, long to, INDArray rows);
    }

    private void forEachChunk(Chunk chunk) {
        long step = Math.max(1, CHUNK_ELEMENTS / (positions() * block.inputs()));
        for (long from = 0; from < samples(); from += step) {
            long to = Math.min(samples(), from + step);
            chunk.accept(from, to, patches.rows(from, to));
        }
    }

    private INDArray positions(INDArray stacked, long from, long to) {
        return stacked.get(NDArrayIndex.interval(from * positions(), to * positions()), NDArrayIndex.all());
    }

    private INDArray ofSamples(long from, long to) {
        return cotangents.get(
                NDArrayIndex.all(), NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all());
    }

    private INDArray ofSample(long k, long from, long to, DataType dataType) {
        return cotangents
                .get(NDArrayIndex.point(k), NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all())
                .castTo(dataType)
                .dup('c')
                .reshape('c', (to - from) * positions(), block.units());
    }
}
