package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.jacobian.RowForm;

/**
 * Predicted bytes of what a method keeps during a step.
 *
 * @param samples N of the minibatch
 * @param cotangents K, the rows of J̃ for each sample
 * @param bytesPerNumber of the model's type
 */
record MemoryEstimate(long samples, long cotangents, int bytesPerNumber) {

    private static final long DOUBLE = 8;

    MemoryEstimate withSamples(long other) {
        return new MemoryEstimate(other, cotangents, bytesPerNumber);
    }

    /** How many rows J̃ has. */
    long rows() {
        return samples * cotangents;
    }

    /**
     * ã [N, in(+1)] and δ̃ [K, N, out] of a dense layer, δ̃ and its sums of an embedding of one word a sample, else the
     * rows themselves, in the model's type.
     */
    long capturedRows(BlockShape block) {
        return switch (block.form()) {
            case OUTER_PRODUCT -> bytesPerNumber * samples * (block.inputs() + cotangents * block.units());
            case SUM_OF_WORDS -> 2L * bytesPerNumber * rows() * block.units();
            case SUM_OF_OUTER_PRODUCTS, FORMED -> bytesPerNumber * rows() * block.inputs() * block.units();
        };
    }

    /** So many Gram matrices of J̃'s rows, in float64. */
    long gram(long copies) {
        return copies * DOUBLE * rows() * rows();
    }

    /** The systems of the units that are solved at the same time, one a core, with their factorisations. */
    long unitSystems(BlockShape block) {
        long size = unitSystem(block);
        return 2 * DOUBLE * Math.min(block.units(), Runtime.getRuntime().availableProcessors()) * size * size;
    }

    private long unitSystem(BlockShape block) {
        long dual = block.form() == RowForm.OUTER_PRODUCT ? samples : rows();
        return Math.min(dual, block.inputs());
    }

    /** The larger of the duals in which a dense layer's sides of A ⊗ G are solved, with what is made of it. */
    long factorDuals(BlockShape block) {
        if (block.form() != RowForm.OUTER_PRODUCT) {
            return 0;
        }
        long size = Math.max(Math.min(samples, block.inputs()), Math.min(rows(), block.units()));
        return 3 * DOUBLE * size * size;
    }

    /** A chunk of unit matrices and its factorisation. */
    long units(BlockShape block) {
        long size = unitSystem(block);
        long matrices = Math.min(block.units(), Math.max(1, UnitWiseFisher.CHUNK_ELEMENTS / (size * size)));
        return 2 * DOUBLE * matrices * size * size;
    }

    /**
     * A, G, their means' inverses and one factorisation each, in the model's type; unit-wise blocks in float64 where
     * there are no factors. Of an embedding A is a diagonal.
     */
    long kroneckerFactors(BlockShape block, long maxInputs) {
        if (block.form() == RowForm.FORMED) {
            return 3 * DOUBLE * block.units() * block.inputs() * block.inputs();
        }
        if (block.form() == RowForm.SUM_OF_WORDS) {
            return 3L * bytesPerNumber * (block.inputs() + block.units() * block.units());
        }
        long blocks = (block.inputs() + maxInputs - 1) / maxInputs;
        return 3L * bytesPerNumber * (block.inputs() * block.inputs() / blocks + block.units() * block.units());
    }
}
