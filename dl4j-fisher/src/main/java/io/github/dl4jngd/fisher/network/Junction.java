package io.github.dl4jngd.fisher.network;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step of a compiled graph that joins several inputs and has no parameters, such as an addition or a concatenation.
 */
interface Junction {

    /**
     * Runs the step forward and keeps what its derivative needs.
     *
     * @param inputs at least one, first axis N each; not modified
     * @return the step linearised at the inputs
     */
    Linearized linearize(List<INDArray> inputs);

    /** A junction linearised at its inputs. */
    interface Linearized {

        /** The step's output, first axis N. */
        INDArray output();

        /**
         * Pushes tangents forward.
         *
         * @param tangents one for each input, null for zero, not all null; not modified
         * @return the output's tangent
         */
        INDArray jvp(List<INDArray> tangents);

        /**
         * Pulls K cotangents back.
         *
         * @param cotangents [K, N, …]; not modified
         * @return one array [K, N, …] for each input
         */
        List<INDArray> vjp(INDArray cotangents);
    }
}
