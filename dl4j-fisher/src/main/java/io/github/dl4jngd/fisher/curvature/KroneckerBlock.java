package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.KroneckerFactored;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.Jitter;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The Kronecker factors of one layer and their damped inverses; they live across steps, outside any workspace. */
@SuppressWarnings("try") // scopes are resources that are never named
final class KroneckerBlock implements AveragedFactors {

    private final ParameterBlock parameters;
    private final LinearAlgebra linearAlgebra;
    private final KroneckerFisher.Options options;

    /** Where A's diagonal blocks begin, and where the last ends: [0, inputs] where A is one block. */
    private final long[] bounds;

    /**
     * The exponential means of A's blocks and, last, of G, without bias correction, and the weight 1 − βᵗ that corrects
     * them; empty before the first minibatch.
     */
    private List<INDArray> means = List.of();

    private double weight;

    /** In the same order; empty before the first. */
    private List<INDArray> inverses = List.of();

    private double jitter;

    KroneckerBlock(ParameterBlock parameters, LinearAlgebra linearAlgebra, KroneckerFisher.Options options) {
        this.parameters = parameters;
        this.linearAlgebra = linearAlgebra;
        this.options = options;
        this.bounds = bounds(parameters.inputs(), options.maxInputs());
    }

    /** Blocks of nearly the same size, none above the largest. */
    private static long[] bounds(long inputs, long largest) {
        int blocks = Math.toIntExact((inputs + largest - 1) / largest);
        long[] bounds = new long[blocks + 1];
        for (int i = 0; i <= blocks; i++) {
            bounds[i] = i * inputs / blocks;
        }
        return bounds;
    }

    @Override
    public ParameterBlock parameters() {
        return parameters;
    }

    /** A's blocks, then G. */
    @Override
    public List<INDArray> statistics(LayerJacobian layer, long samples) {
        return factorsOf(((KroneckerFactored) layer).firstSamples(options.factorSamples()));
    }

    @Override
    public void observe(List<INDArray> statistics) {
        double keep = weight == 0 ? 0 : options.decay();
        double take = options.decay() == 0 ? 1 : 1 - options.decay();
        for (int i = 0; i < statistics.size(); i++) {
            requireFinite(i < inputBlocks() ? "A" : "G", statistics.get(i));
        }
        List<INDArray> next = new ArrayList<>();
        for (int i = 0; i < statistics.size(); i++) {
            next.add(average(means.isEmpty() ? null : means.get(i), keep, statistics.get(i), take));
        }
        means = List.copyOf(next);
        weight = keep * weight + take;
    }

    /**
     * The entries of a sum of squares are bounded by its diagonal. One that is not finite would never leave a mean
     * again.
     */
    private void requireFinite(String factor, INDArray mean) {
        if (!Double.isFinite(Diagonals.trace(mean))) {
            throw new ArithmeticException("K-FAC's factor " + factor + " of layer " + parameters.name()
                    + " is not finite at this minibatch; it was left out of the mean");
        }
    }

    /** keep · mean + take · sum, outside any workspace. */
    static INDArray average(@Nullable INDArray mean, double keep, INDArray sum, double take) {
        INDArray addend = sum.muli(take);
        // a new array: a step that fails later has the old one back
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            return mean != null && keep > 0 ? mean.mul(keep).addi(addend) : addend.dup('f');
        }
    }

    /** A's i-th diagonal block, bias-corrected. */
    private INDArray inputFactor(int i) {
        return means.get(i).div(weight);
    }

    /** G, [out, out], bias-corrected. */
    private INDArray outputFactor() {
        return outputMean().div(weight);
    }

    private INDArray outputMean() {
        return means.get(inputBlocks());
    }

    private int inputBlocks() {
        return bounds.length - 1;
    }

    @Override
    public boolean isInverted() {
        return !inverses.isEmpty();
    }

    @Override
    public double jitter() {
        return jitter;
    }

    /** ρ; where it is relative, of the mean diagonal of A ⊗ G. */
    @Override
    public double damping(Damping damping) {
        return damping.relative()
                ? damping.of(inputMeanDiagonal() / weight * Diagonals.mean(outputMean()) / weight)
                : damping.value();
    }

    private double inputMeanDiagonal() {
        double trace = 0;
        for (INDArray mean : means.subList(0, inputBlocks())) {
            trace += Diagonals.trace(mean);
        }
        return trace / parameters.inputs();
    }

    private FactoredDamping factoredDamping(Damping damping) {
        return FactoredDamping.of(damping(damping), inputMeanDiagonal(), Diagonals.mean(outputMean()));
    }

    @Override
    public List<INDArray> factors() {
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            List<INDArray> factors = new ArrayList<>();
            for (int i = 0; i < inputBlocks(); i++) {
                factors.add(inputFactor(i));
            }
            factors.add(outputFactor());
            return factors;
        }
    }

    @Override
    public List<INDArray> factorsOf(KroneckerFactored layer) {
        List<INDArray> factors = new ArrayList<>();
        for (int i = 0; i < inputBlocks(); i++) {
            factors.add(layer.inputFactor(options.sharing(), bounds[i], bounds[i + 1]));
        }
        factors.add(layer.outputFactor(options.sharing()));
        return factors;
    }

    @Override
    public Inversion inversion(Damping damping) {
        FactoredDamping dampings = factoredDamping(damping);
        List<INDArray> matrices = factors();
        return () -> {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                List<Inverse> inverses = new ArrayList<>();
                for (INDArray factor : matrices.subList(0, matrices.size() - 1)) {
                    inverses.add(inverse(factor, dampings.input()));
                }
                inverses.add(inverse(matrices.get(matrices.size() - 1), dampings.output()));
                return new Inverses(
                        inverses.stream().map(Inverse::matrix).toList(),
                        inverses.stream().mapToDouble(Inverse::jitter).max().orElse(0));
            }
        };
    }

    /** Those of A's blocks, then that of G. */
    @Override
    public void adopt(Inverses inverses) {
        this.inverses = List.copyOf(inverses.matrices());
        jitter = inverses.jitter();
    }

    @Override
    public Inverses inverses() {
        return new Inverses(inverses, jitter);
    }

    @Override
    public List<INDArray> means() {
        return means;
    }

    @Override
    public List<long[]> meanShapes() {
        List<long[]> shapes = new ArrayList<>();
        for (int i = 0; i < inputBlocks(); i++) {
            long size = bounds[i + 1] - bounds[i];
            shapes.add(new long[] {size, size});
        }
        shapes.add(new long[] {parameters.units(), parameters.units()});
        return shapes;
    }

    @Override
    public List<long[]> factorShapes() {
        return meanShapes();
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public void restore(List<INDArray> means, double weight, @Nullable Inverses inverses) {
        this.means = List.copyOf(means);
        this.weight = weight;
        if (inverses != null) {
            adopt(inverses);
        }
    }

    /** A damped factor's inverse, and what its factorisation needed. */
    record Inverse(INDArray matrix, double jitter) {}

    private Inverse inverse(INDArray factor, double damping) {
        return inverse(linearAlgebra, options.inverse(), factor, damping);
    }

    /** (factor + damping I)⁻¹, perhaps in the factor's place. */
    static Inverse inverse(LinearAlgebra linearAlgebra, KroneckerInverse kind, INDArray factor, double damping) {
        return switch (kind) {
            case CHOLESKY -> {
                double jitter = linearAlgebra.invert(Diagonals.add(factor, damping), Jitter.defaults());
                yield new Inverse(factor, jitter);
            }
            case EIGEN -> {
                SymmetricEigen eigen = linearAlgebra.symmetricEigen(factor);
                double rounding = Math.max(0, eigen.values().maxNumber().doubleValue())
                        * factor.size(0)
                        * (factor.dataType() == DataType.DOUBLE ? 1e-16 : 6e-8);
                // without damping the inverse is the pseudo-inverse
                yield new Inverse(
                        eigen.reconstruct(value -> value + damping > rounding ? 1 / (Math.max(value, 0) + damping) : 0),
                        0);
            }
        };
    }

    /** (A + π√ρ I)⁻¹ M (G + √ρ/π I)⁻¹ for M [in(+1), out]. */
    @Override
    public INDArray solve(INDArray matrix, Damping damping) {
        return Products.columnMajor(
                onInputs(matrix, (i, rows) -> Products.columnMajor(inverses.get(i), rows)),
                inverses.get(inputBlocks()));
    }

    /** in²·out + in·out² from the gradient, N (in² + out² + in·out) from the rows. */
    @Override
    public long savedByRows(long samples) {
        if (inputBlocks() > 1) {
            return -1;
        }
        long in = parameters.inputs();
        long out = parameters.units();
        return in * in * out + in * out * out - samples * (in * in + out * out + in * out);
    }

    /** V = [ã(A + π√ρ I)⁻¹]ᵀ [δ(G + √ρ/π I)⁻¹]. */
    @Override
    public void solve(DenseJacobian rows, double factor, INDArray flat) {
        parameters.writeProduct(
                Products.columnMajor(rows.input(), inverses.get(0)),
                Products.times(rows.stackedCotangents(), inverses.get(1)),
                factor,
                flat);
    }

    private interface OnBlock {
        INDArray apply(int block, INDArray rows);
    }

    /** A block-diagonal matrix, block by block, times M [inputs, out]. */
    private INDArray onInputs(INDArray matrix, OnBlock block) {
        if (inputBlocks() == 1) {
            return block.apply(0, matrix);
        }
        INDArray result = Nd4j.createUninitialized(matrix.dataType(), matrix.shape(), 'f');
        for (int i = 0; i < inputBlocks(); i++) {
            INDArrayIndex rows = NDArrayIndex.interval(bounds[i], bounds[i + 1]);
            result.get(rows, NDArrayIndex.all())
                    .assign(block.apply(i, matrix.get(rows, NDArrayIndex.all()).dup('f')));
        }
        return result;
    }

    @Override
    public INDArray naturalGradient(LayerJacobian layer, INDArray residual, long samples, Damping damping) {
        LayerJacobian wide = layer.castTo(DataType.DOUBLE);
        INDArray q = residual.castTo(DataType.DOUBLE);
        jitter = 0;
        return wide instanceof DenseJacobian dense && inputBlocks() == 1
                ? dual(dense, q, factoredDamping(damping))
                : primal((KroneckerFactored) wide, q, samples, factoredDamping(damping));
    }

    private INDArray primal(KroneckerFactored layer, INDArray residual, long samples, FactoredDamping dampings) {
        INDArray gradient = layer.transposeTimes(residual).divi(samples);
        INDArray left = onInputs(gradient, (i, rows) -> factorize(
                        layer.inputFactor(options.sharing(), bounds[i], bounds[i + 1]), dampings.input())
                .solve(rows));
        return factorize(layer.outputFactor(options.sharing()), dampings.output())
                .solve(left.transpose())
                .transpose();
    }

    /**
     * For M = ãᵀE/N, E_n = Σ_k q_{k,n}δ̃_{k,n}, from one minibatch's own factors: with X = δ̃(G + μI)⁻¹ = (δ̃δ̃ᵀ/N +
     * μI)⁻¹δ̃ and Z_n = Σ_k q_{k,n}X_{k,n}, V = (A + λI)⁻¹ãᵀZ/N = ãᵀ(ããᵀ/N + λI)⁻¹Z/N. Each side is solved in the
     * smaller of its two forms.
     */
    private INDArray dual(DenseJacobian layer, INDArray residual, FactoredDamping dampings) {
        long samples = layer.samples();
        INDArray a = layer.input();
        INDArray d = layer.stackedCotangents();
        INDArray x = layer.rows() < layer.outputs()
                ? factorize(d.mmul(d.transpose()).divi(samples), dampings.output())
                        .solve(d)
                : factorize(layer.outputFactor(options.sharing()), dampings.output())
                        .solve(d.transpose())
                        .transpose();
        INDArray z = new DenseJacobian(
                        parameters, a, x.dup('c').reshape('c', layer.cotangentCount(), samples, layer.outputs()))
                .contract(residual);
        return samples < layer.inputs()
                ? a.transpose()
                        .mmul(factorize(a.mmul(a.transpose()).divi(samples), dampings.input())
                                .solve(z))
                        .divi(samples)
                : factorize(layer.inputFactor(options.sharing()), dampings.input())
                        .solve(a.transpose().mmul(z))
                        .divi(samples);
    }

    @Override
    public INDArray multiply(INDArray matrix) {
        return onInputs(matrix, (i, rows) -> inputFactor(i).mmul(rows)).mmul(outputFactor());
    }

    private Cholesky factorize(INDArray matrix, double damping) {
        Cholesky cholesky = linearAlgebra.cholesky(Diagonals.add(matrix, damping), Jitter.defaults());
        jitter = Math.max(jitter, cholesky.jitter());
        return cholesky;
    }
}
