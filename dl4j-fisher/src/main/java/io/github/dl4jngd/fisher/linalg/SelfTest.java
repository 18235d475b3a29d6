package io.github.dl4jngd.fisher.linalg;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Whether a provider solves a small system rightly.
 *
 * <p>The OpenBLAS 0.3.19 that comes with ND4J has kernels for AVX-512 (SKYLAKEX, COOPERLAKE) whose triangular solves in
 * float64 are wrong, so that Cholesky factorisations of more than 32 rows are wrong or fail. On CPUs for which OpenBLAS
 * chooses these nothing else would tell.
 */
final class SelfTest {

    /** More rows than LAPACK treats without blocking. */
    private static final int ROWS = 150;

    private static final double CORRELATION = 8;

    private SelfTest() {}

    /** What is wrong, or empty. */
    static Optional<String> failure(LinearAlgebra linearAlgebra) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            double error = error(linearAlgebra, type);
            double tolerance = type == DataType.DOUBLE ? 1e-8 : 1e-2;
            if (!(error < tolerance)) {
                return Optional.of(
                        "solves a system of " + ROWS + " equations in " + type + " with a relative error of " + error);
            }
        }
        return Optional.empty();
    }

    /** The largest error of A⁻¹ A 1 = 1, by Cholesky and by LU. */
    private static double error(LinearAlgebra linearAlgebra, DataType type) {
        double[][] matrix = new double[ROWS][ROWS];
        double[][] sums = new double[ROWS][1];
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < ROWS; j++) {
                matrix[i][j] = Math.exp(-Math.abs(i - j) / CORRELATION) + (i == j ? 1 : 0);
                sums[i][0] += matrix[i][j];
            }
        }
        INDArray a = Nd4j.createFromArray(matrix).castTo(type);
        INDArray b = Nd4j.createFromArray(sums).castTo(type);
        try {
            Cholesky cholesky = linearAlgebra.cholesky(a);
            return Math.max(
                    Math.max(
                            distanceToOne(cholesky.solve(b)),
                            distanceToOne(cholesky.inverse().mmul(b))),
                    distanceToOne(linearAlgebra.solve(a, b).x()));
        } catch (LinearAlgebraException e) {
            return Double.POSITIVE_INFINITY;
        }
    }

    private static double distanceToOne(INDArray x) {
        double worst = 0;
        for (int i = 0; i < ROWS; i++) {
            double distance = Math.abs(x.getDouble(i) - 1);
            worst = distance <= worst ? worst : distance;
        }
        return worst;
    }
}
