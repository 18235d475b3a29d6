package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The tridiagonal matrix T = QᵀAQ of a Lanczos process, in float64. */
final class Tridiagonal {

    private final List<Double> diagonal = new ArrayList<>();
    private final List<Double> offDiagonal = new ArrayList<>();

    int size() {
        return diagonal.size();
    }

    /** Adds a step: α_j and β_j, the norm of what is left. */
    void add(double alpha, double beta) {
        diagonal.add(alpha);
        offDiagonal.add(beta);
    }

    /** β of the last step. */
    double lastBeta() {
        return offDiagonal.get(size() - 1);
    }

    /** Eigenvalues in ascending order and eigenvectors, brought to the host. */
    Decomposition decompose(LinearAlgebra linearAlgebra) {
        int n = size();
        INDArray t = Nd4j.create(DataType.DOUBLE, n, n);
        for (int i = 0; i < n; i++) {
            t.putScalar(i, i, diagonal.get(i));
            if (i + 1 < n) {
                t.putScalar(i, i + 1, offDiagonal.get(i));
                t.putScalar(i + 1, i, offDiagonal.get(i));
            }
        }
        SymmetricEigen eigen = linearAlgebra.symmetricEigen(t);
        return new Decomposition(
                eigen.values().toDoubleVector(), eigen.vectors().toDoubleMatrix());
    }

    /** θ and the columns s of T = S Θ Sᵀ. */
    static final class Decomposition {
        private final double[] values;
        private final double[][] vectors;

        private Decomposition(double[] values, double[][] vectors) {
            this.values = values;
            this.vectors = vectors;
        }

        int size() {
            return values.length;
        }

        double value(int index) {
            return values[index];
        }

        /** Entry {@code row} of eigenvector {@code index}. */
        double entry(int row, int index) {
            return vectors[row][index];
        }
    }
}
