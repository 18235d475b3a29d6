package io.github.dl4jngd.spectral.theory;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gauss–Hermite quadrature for expectations over a standard normal z (Golub &amp; Welsch 1969). */
final class GaussHermite {

    private static final int NODES = 100;

    /** Nodes and weights never change. */
    static final GaussHermite RULE = new GaussHermite(NODES);

    private final double[] nodes;
    private final double[] weights;

    private GaussHermite(int count) {
        INDArray jacobi = Nd4j.create(DataType.DOUBLE, count, count);
        for (int i = 1; i < count; i++) {
            jacobi.putScalar(i, i - 1, Math.sqrt(i));
            jacobi.putScalar(i - 1, i, Math.sqrt(i));
        }
        SymmetricEigen eigen = LinearAlgebra.best().symmetricEigen(jacobi);
        nodes = eigen.values().toDoubleVector();
        double[] first = eigen.vectors().getRow(0).dup().toDoubleVector();
        weights = new double[count];
        for (int i = 0; i < count; i++) {
            weights[i] = first[i] * first[i];
        }
    }

    /** The mean E f(z) over a standard normal z. */
    double expectation(DoubleUnaryOperator f) {
        double sum = 0;
        for (int i = 0; i < nodes.length; i++) {
            sum += weights[i] * f.applyAsDouble(nodes[i]);
        }
        return sum;
    }
}
