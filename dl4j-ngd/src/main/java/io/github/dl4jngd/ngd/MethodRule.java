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
        if (!configuration.preconditions()) {
            return new Unpreconditioned(configuration);
        }
        return switch (Method.of(configuration)) {
            case EXACT -> new Exact(configuration);
            case LAYER_WISE -> new LayerWise(configuration);
            case BLOCK_TRI_DIAGONAL -> new BlockTriDiagonal(configuration);
            case UNIT_WISE -> new UnitWise(configuration);
            case KFAC -> new KroneckerFactored((KroneckerConfiguration) configuration);
            case EKFAC -> new EigenvalueCorrected((KroneckerConfiguration) configuration);
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

    /** J̃ at a minibatch in the form that the approximation observes. */
    FisherRoot root(StepPoint point, Random random) {
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

    /** Whether that constant is known where batch statistics couple the samples and for several outputs, too. */
    boolean knowsIsotropyOfEveryModel() {
        return false;
    }

    /** The bytes that one block takes at a minibatch. */
    abstract long blockMemory(BlockShape block, MemoryEstimate at);

    /** The bytes that belong to all layers together. */
    long sharedMemory(int layers, MemoryEstimate at) {
        return 0;
    }

    /**
     * The bytes of the systems that one minibatch's direction is solved in, and of what is made of them: 8 (KN)² a
     * matrix for the methods with a dual. The memory limit holds for them, too.
     */
    abstract long systemMemory(List<BlockShape> blocks, MemoryEstimate at);

    /** What the registration calls a layer's block. */
    abstract String blockDescription(RowForm form);

    /** What a report says of a block of this size beyond its description. */
    String blockNote(long inputs) {
        return "";
    }

    /** The gradient itself. */
    private static final class Unpreconditioned extends MethodRule {

        Unpreconditioned(NaturalGradientConfiguration configuration) {
            super(configuration);
        }

        @Override
        FisherApproximation newApproximation(LinearAlgebra linearAlgebra) {
            throw new IllegalStateException("There is no Fisher matrix without a natural gradient");
        }

        @Override
        Curvature newCurvature(LinearizedNetwork network, SolveLadder ladder, Random random) {
            return new PlainCurvature();
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            return 1;
        }

        /** θ + εg and the gradient there. */
        @Override
        long blockMemory(BlockShape block, MemoryEstimate at) {
            return 2L * at.bytesPerNumber() * block.inputs() * block.units();
        }

        @Override
        long systemMemory(List<BlockShape> blocks, MemoryEstimate at) {
            return 0;
        }

        @Override
        String blockDescription(RowForm form) {
            return "the gradient as it is";
        }
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
        boolean knowsIsotropyOfEveryModel() {
            return true;
        }

        @Override
        long blockMemory(BlockShape block, MemoryEstimate at) {
            return at.capturedRows(block);
        }

        /** The Gram matrix, a layer's part of it, and its factorisation. */
        @Override
        long sharedMemory(int layers, MemoryEstimate at) {
            return at.gram(3);
        }

        @Override
        long systemMemory(List<BlockShape> blocks, MemoryEstimate at) {
            return sharedMemory(blocks.size(), at);
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
        long blockMemory(BlockShape block, MemoryEstimate at) {
            return at.capturedRows(block) + at.gram(1);
        }

        @Override
        long sharedMemory(int layers, MemoryEstimate at) {
            // One factorisation is made at a time.
            return at.gram(2);
        }

        @Override
        long systemMemory(List<BlockShape> blocks, MemoryEstimate at) {
            return at.gram(blocks.size()) + sharedMemory(blocks.size(), at);
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
        long blockMemory(BlockShape block, MemoryEstimate at) {
            return at.capturedRows(block);
        }

        /** A Gram matrix a layer, the system of them all, and its factorisation. */
        @Override
        long sharedMemory(int layers, MemoryEstimate at) {
            return at.gram(layers) + at.gram(2L * layers * layers);
        }

        @Override
        long systemMemory(List<BlockShape> blocks, MemoryEstimate at) {
            return sharedMemory(blocks.size(), at);
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
        long blockMemory(BlockShape block, MemoryEstimate at) {
            return at.capturedRows(block) + at.units(block);
        }

        @Override
        long systemMemory(List<BlockShape> blocks, MemoryEstimate at) {
            return blocks.stream().mapToLong(at::unitSystems).max().orElse(0);
        }

        @Override
        String blockDescription(RowForm form) {
            return "one block per unit";
        }
    }

    private static class KroneckerFactored extends MethodRule {

        private final KroneckerConfiguration kfac;

        KroneckerFactored(KroneckerConfiguration configuration) {
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
            return KfacCurvature.undoing((KroneckerFisher) approximation);
        }

        @Override
        FisherRoot root(StepPoint point, Random random) {
            return point.factoredFisherRoot(random);
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            return inputs.kroneckerFactored();
        }

        /** A convolution's patches are made and dropped a few samples at a time. */
        @Override
        long blockMemory(BlockShape block, MemoryEstimate at) {
            long rows = block.form() == RowForm.OUTER_PRODUCT ? at.capturedRows(block) : 0;
            return rows + at.kroneckerFactors(block, kfac.maxInputFactor());
        }

        /** A layer's duals are never larger than its factors, and one layer is solved at a time. */
        @Override
        long systemMemory(List<BlockShape> blocks, MemoryEstimate at) {
            return blocks.stream().mapToLong(at::factorDuals).max().orElse(0);
        }

        @Override
        String blockDescription(RowForm form) {
            return switch (form) {
                case FORMED -> "one block per unit (no factors)";
                case SUM_OF_WORDS -> "A ⊗ G, A diagonal";
                case OUTER_PRODUCT, SUM_OF_OUTER_PRODUCTS -> "A ⊗ G";
            };
        }

        @Override
        String blockNote(long inputs) {
            long blocks = (inputs + kfac.maxInputFactor() - 1) / kfac.maxInputFactor();
            return blocks > 1 ? ", A in " + blocks + " blocks" : "";
        }
    }

    private static final class EigenvalueCorrected extends KroneckerFactored {

        private final KroneckerConfiguration configuration;

        EigenvalueCorrected(KroneckerConfiguration configuration) {
            super(configuration);
            this.configuration = configuration;
        }

        @Override
        KroneckerFisher newApproximation(LinearAlgebra linearAlgebra) {
            return KroneckerFisher.eigenvalueCorrected(linearAlgebra, configuration.factorOptions());
        }

        @Override
        double isotropyConstant(IsotropyInputs inputs) {
            throw new IllegalStateException("E-KFAC has no analytic isotropy constant");
        }

        /** Over K-FAC's: S, the one before it, and what a solution divides by it. */
        @Override
        long blockMemory(BlockShape block, MemoryEstimate at) {
            long moments =
                    block.form() == RowForm.FORMED ? 0 : 3L * at.bytesPerNumber() * block.inputs() * block.units();
            return super.blockMemory(block, at) + moments;
        }

        @Override
        String blockDescription(RowForm form) {
            return switch (form) {
                case FORMED -> super.blockDescription(form);
                case SUM_OF_WORDS -> "U diag(S) Uᵀ, U = I ⊗ U_G";
                case OUTER_PRODUCT, SUM_OF_OUTER_PRODUCTS -> "U diag(S) Uᵀ, U = U_A ⊗ U_G";
            };
        }
    }
}
