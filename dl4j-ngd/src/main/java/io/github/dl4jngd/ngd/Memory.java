package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;

/** Predicted bytes of what a method keeps for a layer during a step. */
final class Memory {

    private static final long DOUBLE = 8;

    private Memory() {}

    /** ã [N, in(+1)] and δ̃ [K, N, out], in the model's type. */
    static long capturedRows(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
        return bytesPerNumber * samples * (block.inputs() + cotangents * block.outputs());
    }

    /** Gram matrices of [rows, rows] in float64. */
    static long gram(long rows, long copies) {
        return copies * DOUBLE * rows * rows;
    }

    /** A chunk of unit matrices and its factorisation. */
    static long units(Registration.Block block, long samples) {
        long size = Math.min(samples, block.inputs());
        long matrices = Math.min(block.outputs(), Math.max(1, UnitWiseFisher.CHUNK_ELEMENTS / (size * size)));
        return 2 * DOUBLE * matrices * size * size;
    }

    /** A, G, their means' inverses and one factorisation each, in the model's type. */
    static long kroneckerFactors(Registration.Block block, int bytesPerNumber) {
        return 3L * bytesPerNumber * (block.inputs() * block.inputs() + block.outputs() * block.outputs());
    }
}
