package io.github.dl4jngd.spectral.estimate;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Random vectors in an operator's subspace, from the caller's generator: ND4J's global one is never touched. */
final class RandomVectors {

    private RandomVectors() {}

    /** A standard normal vector in the subspace. */
    static INDArray normal(SymmetricOperator operator, RandomGenerator random) {
        double[] values = new double[Math.toIntExact(operator.length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return project(operator, values);
    }

    /** A vector of signs in the subspace, whose entries are independent with mean 0 and variance 1. */
    static INDArray signs(SymmetricOperator operator, RandomGenerator random) {
        double[] values = new double[Math.toIntExact(operator.length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextBoolean() ? 1 : -1;
        }
        return project(operator, values);
    }

    /**
     * A random direction of length one in the subspace: signs, 64 from one draw, which cost a tenth of normal numbers.
     */
    static INDArray unit(SymmetricOperator operator, RandomGenerator random) {
        float[] values = new float[Math.toIntExact(operator.length())];
        long bits = 0;
        for (int i = 0; i < values.length; i++) {
            bits = i % Long.SIZE == 0 ? random.nextLong() : bits >>> 1;
            values[i] = (bits & 1) == 0 ? 1 : -1;
        }
        INDArray vector = operator.project(Nd4j.createFromArray(values).castTo(operator.dataType()));
        return vector.divi(norm(vector));
    }

    private static INDArray project(SymmetricOperator operator, double[] values) {
        return operator.project(Nd4j.createFromArray(values).castTo(operator.dataType()));
    }

    /** Divides a start vector by its length. */
    static void normalize(INDArray vector) {
        double length = norm(vector);
        if (!(length > 0) || !Double.isFinite(length)) {
            throw new IllegalArgumentException("The start of an iteration must be a finite vector other than zero");
        }
        vector.divi(length);
    }

    static double norm(INDArray vector) {
        return Math.sqrt(Products.squaredNorm(vector));
    }

    /** Adds a x to y, in place. */
    static void add(INDArray y, double a, INDArray x) {
        Nd4j.getBlasWrapper().level1().axpy(x.length(), a, x, y);
    }

    static double dot(INDArray left, INDArray right) {
        return Products.dot(left, right);
    }
}
