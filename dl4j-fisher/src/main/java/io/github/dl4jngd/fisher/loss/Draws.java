package io.github.dl4jngd.fisher.loss;

import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Random arrays from the caller's generator, so that ND4J's global random state is never touched. */
final class Draws {

    private Draws() {}

    /** Standard normal numbers of the shape and type of {@code like}, [N, C]. */
    static INDArray normal(RandomGenerator random, INDArray like) {
        double[] values = new double[Math.toIntExact(like.length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return create(values, like);
    }

    /** One-hot rows, the class of row n drawn with probabilities p_n. */
    static INDArray categorical(RandomGenerator random, INDArray probabilities) {
        double[][] p = probabilities.castTo(DataType.DOUBLE).toDoubleMatrix();
        int classes = p[0].length;
        double[] values = new double[p.length * classes];
        for (int n = 0; n < p.length; n++) {
            double rest = random.nextDouble();
            int drawn = 0;
            while (drawn < classes - 1 && rest >= p[n][drawn]) {
                rest -= p[n][drawn];
                drawn++;
            }
            values[n * classes + drawn] = 1;
        }
        return create(values, probabilities);
    }

    /** Zeros and ones, one with the given probabilities. */
    static INDArray bernoulli(RandomGenerator random, INDArray probabilities) {
        double[][] p = probabilities.castTo(DataType.DOUBLE).toDoubleMatrix();
        int outputs = p[0].length;
        double[] values = new double[p.length * outputs];
        for (int n = 0; n < p.length; n++) {
            for (int k = 0; k < outputs; k++) {
                values[n * outputs + k] = random.nextDouble() < p[n][k] ? 1 : 0;
            }
        }
        return create(values, probabilities);
    }

    /** Poisson counts with the given means. */
    static INDArray poisson(RandomGenerator random, INDArray means) {
        double[][] mean = means.castTo(DataType.DOUBLE).toDoubleMatrix();
        int outputs = mean[0].length;
        double[] values = new double[mean.length * outputs];
        for (int n = 0; n < mean.length; n++) {
            for (int k = 0; k < outputs; k++) {
                values[n * outputs + k] = poisson(random, mean[n][k]);
            }
        }
        return create(values, means);
    }

    /**
     * Counts arrivals in unit time; a mean above 32 is a sum of independent counts of smaller ones, and above 1000 the
     * normal distribution is as good.
     */
    private static long poisson(RandomGenerator random, double mean) {
        if (mean > 1000) {
            return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
        }
        long count = 0;
        double rest = mean;
        while (rest > 0) {
            double part = Math.min(rest, 32);
            double product = random.nextDouble();
            double limit = Math.exp(-part);
            while (product > limit) {
                count++;
                product *= random.nextDouble();
            }
            rest -= part;
        }
        return count;
    }

    private static INDArray create(double[] values, INDArray like) {
        return Nd4j.createFromArray(values).castTo(like.dataType()).reshape(like.shape());
    }
}
