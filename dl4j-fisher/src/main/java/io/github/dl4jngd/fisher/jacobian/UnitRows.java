package io.github.dl4jngd.fisher.jacobian;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer whose rows are at hand unit by unit, at all inputs of a unit or at those alone that are not zero. */
public interface UnitRows extends LayerJacobian {

    /**
     * The rows of one unit.
     *
     * @param unit its index, from 0
     * @return [rows, columns]
     */
    INDArray unit(long unit);

    /**
     * The rows of a matrix that {@link #unit(long)} has columns for.
     *
     * @param matrix [inputs, units]
     * @return [columns, units]; may be the matrix itself
     */
    INDArray gather(INDArray matrix);

    /**
     * The transpose of {@link #gather(INDArray)}.
     *
     * @param values [columns, units]
     * @return [inputs, units], zero at other inputs; may be the values themselves
     */
    INDArray spread(INDArray values);
}
