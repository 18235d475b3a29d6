package io.github.dl4jngd.spectral.estimate;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Orthonormal vectors as the rows of a growing matrix. */
final class Basis {

    private static final int FIRST_CAPACITY = 16;

    private INDArray rows;
    private int size;

    Basis(DataType dataType, long length, int capacity) {
        rows = Nd4j.createUninitialized(
                dataType, new long[] {Math.min(FIRST_CAPACITY, Math.max(1, capacity)), length}, 'c');
    }

    int size() {
        return size;
    }

    INDArray get(int index) {
        return rows.getRow(index);
    }

    /** The vectors so far, [size, length], a view. */
    INDArray matrix() {
        return rows.get(NDArrayIndex.interval(0, size), NDArrayIndex.all());
    }

    void add(INDArray vector) {
        if (size == rows.size(0)) {
            INDArray grown = Nd4j.createUninitialized(rows.dataType(), new long[] {2L * size, rows.size(1)}, 'c');
            grown.get(NDArrayIndex.interval(0, size), NDArrayIndex.all()).assign(rows);
            rows = grown;
        }
        rows.putRow(size, vector);
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

    /** Subtracts from a vector, in place, its components in the basis; twice, which is enough (Kahan and Parlett). */
    INDArray orthogonalize(INDArray vector) {
        if (size == 0) {
            return vector;
        }
        INDArray q = matrix();
        INDArray column = vector.reshape('c', vector.length(), 1);
        for (int pass = 0; pass < 2; pass++) {
            INDArray coefficients = q.mmul(column);
            column.subi(q.transpose().mmul(coefficients));
        }
        return vector;
    }
}
