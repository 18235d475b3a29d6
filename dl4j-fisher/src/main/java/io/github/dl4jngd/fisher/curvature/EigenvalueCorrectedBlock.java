package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.BlockDiagonal;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.KroneckerFactored;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * F̂_l = (U_A ⊗ U_G) diag(S) (U_A ⊗ U_G)ᵀ: the eigenvectors of K-FAC's factors, and in their basis the mean squares S
 * of
 * the rows in place of the products of eigenvalues. Of all matrices that are diagonal in that basis it is the nearest
 * to the exact block in Frobenius norm (George et al., NeurIPS 2018, §3).
 *
 * <p>A minibatch that has been observed enters S when S is next asked for, so in the basis that is then in use. A new
 * basis turns the old mean with it: S ← diagonal of the old F̂_l in the new basis.
 */
@SuppressWarnings("try") // scopes are resources that are never named
final class EigenvalueCorrectedBlock implements FactoredBlock {

    /** Below this fraction of the largest entry, without damping, an entry of S is rounding noise. */
    private static final double ROUNDING_FLOAT = 1e-6;

    private static final double ROUNDING_DOUBLE = 1e-14;

    private final LinearAlgebra linearAlgebra;
    private final KroneckerFisher.Options options;
    private final AveragedFactors factors;

    /** U of A's blocks, none where A is diagonal, then U_G; empty before the first. */
    private List<INDArray> bases = List.of();

    /**
     * The exponential mean of S without bias correction, in the bases; its weight is that of the factors. Null before
     * the first.
     */
    private @Nullable INDArray moments;

    /** Observed, but not yet in S; null if there is none. */
    private @Nullable KroneckerFactored unsettled;

    /** Whether the second moments of what was observed are still to come, from where its samples lie. */
    private boolean awaiting;

    EigenvalueCorrectedBlock(AveragedFactors factors, LinearAlgebra linearAlgebra, KroneckerFisher.Options options) {
        this.linearAlgebra = linearAlgebra;
        this.options = options;
        this.factors = factors;
    }

    @Override
    public ParameterBlock parameters() {
        return factors.parameters();
    }

    @Override
    public List<INDArray> statistics(LayerJacobian layer, long samples) {
        return factors.statistics(layer, samples);
    }

    @Override
    public void observe(LayerJacobian layer, long samples) {
        settle();
        factors.observe(layer, samples);
        unsettled = ((KroneckerFactored) layer).firstSamples(options.factorSamples());
    }

    /** Without S. */
    @Override
    public List<long[]> statisticShapes() {
        return factors.statisticShapes();
    }

    /** The factors alone: the second moments follow, in the {@link #bases()} that are then in use. */
    @Override
    public void observe(List<INDArray> statistics) {
        settle();
        factors.observe(statistics);
        awaiting = true;
    }

    /** Whether second moments are to come. */
    boolean awaitsMoments() {
        return awaiting;
    }

    /** U of A's blocks, none where A is diagonal, then U_G; made where there are none. */
    List<INDArray> bases() {
        if (bases.isEmpty()) {
            adopt(eigenvectors(factors.factors()).compute());
        }
        return bases;
    }

    /** E-KFAC's S of one minibatch: mean squares of rows in the bases of the factors' eigenvectors. */
    static INDArray secondMoments(KroneckerFactored layer, List<INDArray> bases) {
        return layer.secondMoments(inputBases(bases), outputBasis(bases));
    }

    @Override
    public void settle() {
        if (awaiting) {
            throw new IllegalStateException(
                    "The second moments of layer " + parameters().name() + " have not come yet");
        }
        KroneckerFactored observed = unsettled;
        if (observed == null) {
            return;
        }
        INDArray squares = secondMoments(observed, bases());
        unsettled = null;
        average(squares);
    }

    /** Takes in the second moments that it awaits, [inputs, units]; they may be written to. */
    void settle(INDArray squares) {
        awaiting = false;
        average(squares);
    }

    private void average(INDArray squares) {
        if (!Double.isFinite(squares.sumNumber().doubleValue())) {
            throw new ArithmeticException("E-KFAC's second moments of layer "
                    + parameters().name() + " are not finite at this minibatch; it was left out of the mean");
        }
        moments = KroneckerBlock.average(
                moments, options.decay(), squares, options.decay() == 0 ? 1 : 1 - options.decay());
    }

    private static List<INDArray> inputBases(List<INDArray> bases) {
        return bases.subList(0, bases.size() - 1);
    }

    private static INDArray outputBasis(List<INDArray> bases) {
        return bases.get(bases.size() - 1);
    }

    /** The eigenvectors have no damping: that is added to S. */
    @Override
    public Inversion inversion(Damping damping) {
        return eigenvectors(factors.factors());
    }

    private Inversion eigenvectors(List<INDArray> matrices) {
        return () -> {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                List<INDArray> vectors = new ArrayList<>();
                for (INDArray matrix : matrices) {
                    vectors.add(linearAlgebra.symmetricEigen(matrix).vectors());
                }
                return new Inverses(vectors, 0);
            }
        };
    }

    @Override
    public void adopt(Inverses inverses) {
        List<INDArray> next = inverses.matrices();
        if (moments != null) {
            moments = turned(moments, bases, next);
        }
        bases = next;
    }

    /** The diagonal of U diag(S) Uᵀ in the basis U′: (U_A′ᵀU_A)∘² S (U_GᵀU_G′)∘². */
    private static INDArray turned(INDArray moments, List<INDArray> from, List<INDArray> to) {
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            List<INDArray> inputs = new ArrayList<>();
            for (int i = 0; i < to.size() - 1; i++) {
                INDArray angles = Products.transposedTimes(to.get(i), from.get(i));
                inputs.add(angles.muli(angles));
            }
            INDArray outputs = Products.transposedTimes(outputBasis(from), outputBasis(to));
            return Products.columnMajor(BlockDiagonal.times(inputs, moments), outputs.muli(outputs));
        }
    }

    @Override
    public boolean isInverted() {
        return !bases.isEmpty();
    }

    @Override
    public Inverses inverses() {
        return new Inverses(bases, 0);
    }

    /** Those of the factors, then S. */
    @Override
    public List<INDArray> means() {
        List<INDArray> means = new ArrayList<>(factors.means());
        means.add(moments == null ? settled() : moments);
        return means;
    }

    @Override
    public List<long[]> meanShapes() {
        List<long[]> shapes = new ArrayList<>(factors.meanShapes());
        shapes.add(new long[] {parameters().inputs(), parameters().units()});
        return shapes;
    }

    @Override
    public List<long[]> inverseShapes() {
        return factors.factorShapes();
    }

    @Override
    public double weight() {
        return factors.weight();
    }

    @Override
    public void restore(List<INDArray> means, double weight, @Nullable Inverses inverses) {
        factors.restore(means.subList(0, means.size() - 1), weight, null);
        moments = means.get(means.size() - 1);
        bases = inverses == null ? List.of() : inverses.matrices();
        unsettled = null;
        awaiting = false;
    }

    @Override
    public double jitter() {
        return 0;
    }

    /** ρ; where it is relative, of the mean of S, which is the mean diagonal of F̂_l. */
    @Override
    public double damping(Damping damping) {
        // in the step that observed: the arrays of a minibatch do not outlive it
        INDArray mean = settled();
        return damping.relative() ? damping.of(mean.meanNumber().doubleValue() / weight()) : damping.value();
    }

    @Override
    public INDArray solve(INDArray matrix, Damping damping) {
        return corrected(matrix, bases, second(), damping(damping));
    }

    /** S, bias-corrected. */
    private INDArray second() {
        return settled().div(weight());
    }

    /** The mean of S with all that has been observed. */
    private INDArray settled() {
        settle();
        return Requirements.requireObserved(moments);
    }

    /** U_A [(U_Aᵀ M U_G) / (S + ρ)] U_Gᵀ; without damping the pseudo-inverse. S is written to. */
    private static INDArray corrected(INDArray matrix, List<INDArray> bases, INDArray second, double rho) {
        INDArray divisor = second.addi(rho);
        if (rho == 0) {
            double rounding = divisor.maxNumber().doubleValue()
                    * (divisor.dataType() == DataType.DOUBLE ? ROUNDING_DOUBLE : ROUNDING_FLOAT);
            BooleanIndexing.replaceWhere(divisor, Double.POSITIVE_INFINITY, Conditions.lessThanOrEqual(rounding));
        }
        return back(into(matrix, bases).divi(divisor), bases);
    }

    /** U_Aᵀ M U_G. */
    private static INDArray into(INDArray matrix, List<INDArray> bases) {
        return Products.columnMajor(BlockDiagonal.transposedTimes(inputBases(bases), matrix), outputBasis(bases));
    }

    /** U_A Z U_Gᵀ. */
    private static INDArray back(INDArray turned, List<INDArray> bases) {
        return BlockDiagonal.times(inputBases(bases), Products.timesTransposed(turned, outputBasis(bases)))
                .dup('f');
    }

    @Override
    public long savedByRows(long samples) {
        return -1;
    }

    @Override
    public void solve(DenseJacobian rows, double factor, INDArray flat) {
        throw new UnsupportedOperationException("E-KFAC's blocks are solved from the gradient");
    }

    @Override
    public INDArray naturalGradient(LayerJacobian layer, INDArray residual, long samples, Damping damping) {
        KroneckerFactored wide = (KroneckerFactored) layer.castTo(DataType.DOUBLE);
        INDArray gradient =
                wide.transposeTimes(residual.castTo(DataType.DOUBLE)).divi(samples);
        List<INDArray> own = eigenvectors(factors.factorsOf(wide)).compute().matrices();
        INDArray second = wide.secondMoments(inputBases(own), outputBasis(own));
        return corrected(gradient, own, second, damping.of(second.meanNumber().doubleValue()));
    }

    @Override
    public INDArray multiply(INDArray matrix) {
        INDArray second = second();
        return back(into(matrix, bases).muli(second), bases);
    }
}
