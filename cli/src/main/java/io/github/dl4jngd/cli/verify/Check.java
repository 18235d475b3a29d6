package io.github.dl4jngd.cli.verify;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One quantity beside its reference.
 *
 * @param quantity what it is
 * @param error ‖difference‖/‖reference‖
 * @param tolerance the largest error that is right
 */
record Check(String quantity, double error, double tolerance) {

    static Check of(String quantity, INDArray value, INDArray reference, double tolerance) {
        INDArray expected = reference.castTo(DataType.DOUBLE);
        double difference =
                value.castTo(DataType.DOUBLE).sub(expected).norm2Number().doubleValue();
        return new Check(quantity, relative(difference, expected.norm2Number().doubleValue()), tolerance);
    }

    static Check of(String quantity, double value, double reference, double tolerance) {
        return new Check(quantity, relative(Math.abs(value - reference), Math.abs(reference)), tolerance);
    }

    private static double relative(double difference, double reference) {
        return difference == 0 ? 0 : difference / reference;
    }

    /** False also where the error is NaN. */
    boolean ok() {
        return error <= tolerance;
    }
}
