package io.github.dl4jngd.examples.verify;

import io.github.dl4jngd.fisher.curvature.FisherOperator;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The largest eigenvalue of a Fisher matrix that is never formed. The error of a Rayleigh quotient is of the order of the squared
 * residual, so the residual need not be as small as the tolerance.
 *
 * @param value λ
 * @param iterations products with the matrix
 * @param residual ‖Fv − λv‖/λ
 */
record PowerIteration(double value, int iterations, double residual) {

    private static final int MOST_ITERATIONS = 3000;

    static PowerIteration of(FisherOperator fisher, DataType dataType, long seed, double tolerance) {
        double[] start = new Random(seed).doubles(fisher.size(), -1, 1).toArray();
        INDArray v = Nd4j.createFromArray(start).castTo(dataType);
        v.divi(v.norm2Number());
        double value = Double.NaN;
        double residual = Double.NaN;
        int iterations = 0;
        while (iterations < MOST_ITERATIONS && !(residual <= tolerance)) {
            INDArray next = fisher.times(v);
            value = next.mul(v).sumNumber().doubleValue();
            residual = next.sub(v.mul(value)).norm2Number().doubleValue() / value;
            v = next.divi(next.norm2Number());
            iterations++;
        }
        return new PowerIteration(value, iterations, residual);
    }
}
