package io.github.dl4jngd.fisher.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's custom operations that the portable provider calls. */
final class NativeOperations {

    private NativeOperations() {}

    /** L⁻¹ B for one matrix [n, n] or a batch [B, n, n]. */
    static INDArray solveLower(INDArray lower, INDArray b) {
        return triangularSolve(lower, b, true, false);
    }

    /** U⁻¹ B for one matrix [n, n] or a batch [B, n, n]. */
    static INDArray solveUpper(INDArray upper, INDArray b) {
        return triangularSolve(upper, b, false, false);
    }

    /** U⁻ᵀ B for one matrix [n, n] or a batch [B, n, n]. */
    static INDArray solveUpperTransposed(INDArray upper, INDArray b) {
        return triangularSolve(upper, b, false, true);
    }

    private static INDArray triangularSolve(INDArray a, INDArray b, boolean lower, boolean transposed) {
        return Nd4j.exec(DynamicCustomOp.builder("triangular_solve")
                .addInputs(a, b)
                .addBooleanArguments(lower, transposed)
                .build())[0];
    }

    /** A copy of a matrix with zeros above its diagonal. */
    static INDArray lowerTriangle(INDArray a) {
        if (a.size(0) == 1) {
            // The operation refuses [1, 1].
            return a.dup();
        }
        return Nd4j.exec(DynamicCustomOp.builder("matrix_band_part")
                .addInputs(a)
                .addIntegerArguments(-1, 0)
                .build())[0];
    }
}
