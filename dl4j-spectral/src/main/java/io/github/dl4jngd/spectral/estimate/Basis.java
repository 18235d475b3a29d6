package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.internal.Scratch;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Orthonormal vectors as the rows of matrices of a few rows each, so that a growing basis is never copied. Holds its
 * memory until closed.
 */
@SuppressWarnings("try") // scopes are resources that are never named
final class Basis implements AutoCloseable {

    private static final int ROWS = 16;

    private final DataType dataType;
    private final long length;
    /** [ROWS, length] each; all but the last are full. */
    private final List<INDArray> blocks = new ArrayList<>();

    private int size;

    Basis(DataType dataType, long length) {
        this.dataType = dataType;
        this.length = length;
    }

    int size() {
        return size;
    }

    /** Copies one vector. */
    INDArray get(int index) {
        return blocks.get(index / ROWS).getRow(index % ROWS).dup();
    }

    /** The rows in use of a block, a view. */
    private INDArray used(int block) {
        int rows = Math.min(ROWS, size - block * ROWS);
        return rows == ROWS
                ? blocks.get(block)
                : blocks.get(block).get(NDArrayIndex.interval(0, rows), NDArrayIndex.all());
    }

    void add(INDArray vector) {
        if (size == blocks.size() * ROWS) {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                blocks.add(Nd4j.createUninitialized(dataType, new long[] {ROWS, length}, 'c'));
            }
        }
        blocks.get(blocks.size() - 1).putRow(size % ROWS, vector);
        size++;
    }

    /**
     * Adds the part of a vector that is orthogonal to the basis, scaled to length one, unless that is rounding.
     *
     * @return whether there was such a part
     */
    boolean extend(INDArray vector) {
        double before = RandomVectors.norm(vector);
        orthogonalize(vector);
        double after = RandomVectors.norm(vector);
        if (!(after > dependence(vector.dataType()) * before)) {
            return false;
        }
        add(vector.divi(after));
        return true;
    }

    /** What is left of a vector of length one that depends on others, by rounding. */
    static double dependence(DataType dataType) {
        return dataType == DataType.DOUBLE ? 1e-12 : 1e-5;
    }

    /** Gives Σ c_i q_i, [length]. */
    INDArray combine(double[] coefficients) {
        INDArray sum = Nd4j.create(dataType, 1, length);
        try (Scratch ignored = Scratch.open()) {
            INDArray all = Nd4j.createFromArray(coefficients).castTo(dataType);
            long before = 0;
            for (int block = 0; before < size; block++) {
                INDArray rows = used(block);
                INDArray own = all.get(NDArrayIndex.interval(before, before + rows.size(0)));
                sum.addi(own.reshape(1, rows.size(0)).mmul(rows));
                before += rows.size(0);
            }
        }
        return sum.reshape(length);
    }

    /** Subtracts from a vector, in place, its components in the basis; twice, which is enough (Kahan and Parlett). */
    INDArray orthogonalize(INDArray vector) {
        INDArray row = vector.reshape('c', 1, length);
        INDArray column = vector.reshape('c', length, 1);
        for (int pass = 0; pass < 2; pass++) {
            for (int block = 0; block < blocks.size(); block++) {
                try (Scratch ignored = Scratch.open()) {
                    INDArray rows = used(block);
                    INDArray coefficients = rows.mmul(column);
                    row.subi(coefficients.reshape('c', 1, rows.size(0)).mmul(rows));
                }
            }
        }
        return vector;
    }

    @Override
    public void close() {
        blocks.forEach(INDArray::close);
        blocks.clear();
        size = 0;
    }
}
