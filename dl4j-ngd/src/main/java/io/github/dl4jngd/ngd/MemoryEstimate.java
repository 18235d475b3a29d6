package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.jacobian.RowForm;

/** Predicted bytes of what a method keeps for a layer during a step. */
final class MemoryEstimate {

    private static final long DOUBLE = 8;

    private MemoryEstimate() {}

    /** ã [N, in(+1)] and δ̃ [K, N, out] of a dense layer, else the rows themselves, in the model's type. */
    static long capturedRows(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
        if (block.form() != RowForm.OUTER_PRODUCT) {
            return bytesPerNumber * samples * cotangents * block.inputs() * block.outputs();
        }
        return bytesPerNumber * samples * (block.inputs() + cotangents * block.outputs());
    }

    /** Gram matrices of [rows, rows] in float64. */
    static long gram(long rows, long copies) {
        return copies * DOUBLE * rows * rows;
    }

    /** A chunk of unit matrices and its factorisation. */
    static long units(Registration.Block block, long samples, long cotangents) {
        long dual = block.form() == RowForm.OUTER_PRODUCT ? samples : samples * cotangents;
        long size = Math.min(dual, block.inputs());
        long matrices = Math.min(block.outputs(), Math.max(1, UnitWiseFisher.CHUNK_ELEMENTS / (size * size)));
        return 2 * DOUBLE * matrices * size * size;
    }

    /**
     * A, G, their means' inverses and one factorisation each, in the model's type; unit-wise blocks in float64 where
     * there are no factors.
     */
    static long kroneckerFactors(Registration.Block block, int bytesPerNumber, long maxInputs) {
        if (block.form() == RowForm.FORMED) {
            return 3 * DOUBLE * block.outputs() * block.inputs() * block.inputs();
        }
        long blocks = (block.inputs() + maxInputs - 1) / maxInputs;
        return 3L * bytesPerNumber * (block.inputs() * block.inputs() / blocks + block.outputs() * block.outputs());
    }
}
