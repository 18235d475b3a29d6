package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.BlockTriDiagonalFisher;
import io.github.dl4jngd.fisher.curvature.ExactFisher;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.LayerWiseFisher;
import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.List;
import java.util.Random;

/**
 * What a method is beyond its options: its curvature, its isotropy constant, the memory it takes and the words for its
 * blocks.
 */
abstract class MethodRule {

    private final NaturalGradientConfiguration configuration;

    private MethodRule(NaturalGradientConfiguration configuration) {
        this.configuration = configuration;
    }

    static MethodRule of(NaturalGradientConfiguration configuration) {
        return switch (configuration.method()) {
            case EXACT -> new Exact(configuration);
            case LAYER_WISE -> new LayerWise(configuration);
            case BLOCK_TRI_DIAGONAL -> new BlockTriDiagonal(configuration);
            case UNIT_WISE -> new UnitWise(configuration);
            case KFAC -> new KroneckerFactored((Kfac) configuration);
        };
    }

    /** F̂ of one minibatch. */
    abstract FisherApproximation newApproximation(LinearAlgebra linearAlgebra);

    /** What steps precondition with. */
    Curvature newCurvature(LinearizedNetwork network, SolveLadder ladder, Random random) {
        return new MinibatchCurvature(configuration, network, ladder, random);
    }

    /** What ends a step for an approximation of one minibatch. Nothing of it is used in the next step. */
    StepPart.Undo begin(FisherApproximation approximation) {
        return () -> {};
    }

    /**
     * Factors lie outside workspaces: those that a step replaces are freed when it is made, and back when it failed.
     */
    static StepPart.Undo undoing(KroneckerFisher factors) {
        KroneckerFisher.Snapshot before = factors.snapshot();
        return new StepPart.Undo() {
            @Override
            public void undo() {
                before.restore();
            }

            @Override
            public void keep() {
                before.discard();
            }
        };
    }

    /** J̃ at a minibatch in the form that the approximation observes. */
    FisherRoot root(MinibatchPoint point, Random random) {
        return point.fisherRoot(random);
    }

    /**
     * The groups of blocks whose systems conjugate gradients may solve where rows do not fit; none where the method has
     * no such form.
     */
    List<List<ParameterBlock>> independentSystems(List<ParameterBlock> blocks) {
        return List.of();
    }

    /** α for {@link StepScaling#ANALYTIC} at a minibatch. */
    abstract double isotropyConstant(IsotropyInputs inputs);

    /** The bytes that one block of the registration takes at a minibatch of the given size. */
    abstract long blockMemory(Registration.Block block, long samples, long cotangents, int bytesPerNumber);

    /** The bytes that belong to all layers together. */
    long sharedMemory(int layers, long rows) {
        return 0;
    }

    /** What the registration calls a layer's block. */
    abstract String blockDescription(RowForm form);

    /** What a report says of a block of this size beyond its description. */
    String blockNote(long inputs) {
        return "";
    }

    private static final class Exact extends MethodRule {

        Exact(NaturalGradientConfiguration configuration) {
            super(configuration);
        }

        @Override
        FisherApproximation newApproximation(LinearAlgebra linearAlgebra) {
            return new ExactFisher(linearAlgebra);
        }

        @Override
        List<List<ParameterBlock>> independentSystems(List<ParameterBlock> blocks) {
            return List.of(blocks);
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            return 1;
        }

        @Override
        long blockMemory(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
            return MemoryEstimate.capturedRows(block, samples, cotangents, bytesPerNumber);
        }

        /** The Gram matrix, a layer's part of it, and its factorisation. */
        @Override
        long sharedMemory(int layers, long rows) {
            return MemoryEstimate.gram(rows, 3);
        }

        @Override
        String blockDescription(RowForm form) {
            return "part of F, one dual for all layers";
        }
    }

    private static final class LayerWise extends MethodRule {

        LayerWise(NaturalGradientConfiguration configuration) {
            super(configuration);
        }

        @Override
        FisherApproximation newApproximation(LinearAlgebra linearAlgebra) {
            return new LayerWiseFisher(linearAlgebra);
        }

        @Override
        List<List<ParameterBlock>> independentSystems(List<ParameterBlock> blocks) {
            return blocks.stream().map(List::of).toList();
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            return inputs.layerWise();
        }

        @Override
        long blockMemory(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
            return MemoryEstimate.capturedRows(block, samples, cotangents, bytesPerNumber)
                    + MemoryEstimate.gram(samples * cotangents, 1);
        }

        @Override
        long sharedMemory(int layers, long rows) {
            // one factorisation at a time
            return MemoryEstimate.gram(rows, 2);
        }

        @Override
        String blockDescription(RowForm form) {
            return "layer";
        }
    }

    private static final class BlockTriDiagonal extends MethodRule {

        BlockTriDiagonal(NaturalGradientConfiguration configuration) {
            super(configuration);
        }

        @Override
        FisherApproximation newApproximation(LinearAlgebra linearAlgebra) {
            return new BlockTriDiagonalFisher(linearAlgebra);
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            return Math.ceil(inputs.layers() / 3.0);
        }

        @Override
        long blockMemory(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
            return MemoryEstimate.capturedRows(block, samples, cotangents, bytesPerNumber);
        }

        /** A Gram matrix a layer, the system of them all, and its factorisation. */
        @Override
        long sharedMemory(int layers, long rows) {
            return MemoryEstimate.gram(rows, layers) + MemoryEstimate.gram(layers * rows, 2);
        }

        @Override
        String blockDescription(RowForm form) {
            return "layer and its neighbours";
        }
    }

    private static final class UnitWise extends MethodRule {

        UnitWise(NaturalGradientConfiguration configuration) {
            super(configuration);
        }

        @Override
        FisherApproximation newApproximation(LinearAlgebra linearAlgebra) {
            return new UnitWiseFisher(linearAlgebra);
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            return inputs.unitWise();
        }

        @Override
        long blockMemory(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
            return MemoryEstimate.capturedRows(block, samples, cotangents, bytesPerNumber)
                    + MemoryEstimate.units(block, samples, cotangents);
        }

        @Override
        String blockDescription(RowForm form) {
            return "one block per unit";
        }
    }

    private static final class KroneckerFactored extends MethodRule {

        private final Kfac kfac;

        KroneckerFactored(Kfac configuration) {
            super(configuration);
            this.kfac = configuration;
        }

        @Override
        KroneckerFisher newApproximation(LinearAlgebra linearAlgebra) {
            return new KroneckerFisher(linearAlgebra, kfac.factorOptions());
        }

        @Override
        Curvature newCurvature(LinearizedNetwork network, SolveLadder ladder, Random random) {
            return kfac.isDefinition()
                    ? super.newCurvature(network, ladder, random)
                    : new KfacCurvature(kfac, network, ladder, random, newApproximation(ladder.linearAlgebra()));
        }

        @Override
        StepPart.Undo begin(FisherApproximation approximation) {
            return undoing((KroneckerFisher) approximation);
        }

        @Override
        FisherRoot root(MinibatchPoint point, Random random) {
            return point.factoredFisherRoot(random);
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            return inputs.kroneckerFactored();
        }

        /** A convolution's patches are made and dropped a few samples at a time. */
        @Override
        long blockMemory(Registration.Block block, long samples, long cotangents, int bytesPerNumber) {
            long rows = block.form() == RowForm.OUTER_PRODUCT
                    ? MemoryEstimate.capturedRows(block, samples, cotangents, bytesPerNumber)
                    : 0;
            return rows + MemoryEstimate.kroneckerFactors(block, bytesPerNumber, kfac.maxInputs());
        }

        @Override
        String blockDescription(RowForm form) {
            return form == RowForm.FORMED ? "one block per unit (no factors)" : "A ⊗ G";
        }

        @Override
        String blockNote(long inputs) {
            long blocks = (inputs + kfac.maxInputs() - 1) / kfac.maxInputs();
            return blocks > 1 ? ", A in " + blocks + " blocks" : "";
        }
    }
}
