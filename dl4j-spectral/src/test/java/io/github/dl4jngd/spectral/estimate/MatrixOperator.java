package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An explicit matrix with a given spectrum, which counts its products. */
final class MatrixOperator implements SymmetricOperator {

    private final INDArray matrix;
    private int products;

    MatrixOperator(INDArray matrix) {
        this.matrix = matrix;
    }

    /** Q diag(eigenvalues) Qᵀ with a random orthogonal Q made of Householder reflections. */
    static MatrixOperator withSpectrum(DataType dataType, long seed, double... eigenvalues) {
        int n = eigenvalues.length;
        INDArray a = Nd4j.create(DataType.DOUBLE, n, n);
        for (int i = 0; i < n; i++) {
            a.putScalar(i, i, eigenvalues[i]);
        }
        Random random = new Random(seed);
        for (int reflection = 0; reflection < 3; reflection++) {
            double[] w = random.doubles(n, -1, 1).toArray();
            INDArray u = Nd4j.createFromArray(w).reshape(n, 1);
            u.divi(u.norm2Number());
            INDArray h = Nd4j.eye(n)
                    .castTo(DataType.DOUBLE)
                    .subi(u.mmul(u.transpose()).muli(2));
            a = h.mmul(a).mmul(h);
        }
        return new MatrixOperator(a.castTo(dataType));
    }

    int products() {
        return products;
    }

    @Override
    public long length() {
        return matrix.size(0);
    }

    @Override
    public DataType dataType() {
        return matrix.dataType();
    }

    @Override
    public INDArray times(INDArray vector) {
        products++;
        return matrix.mmul(vector.reshape(vector.length(), 1)).reshape(vector.length());
    }
}
