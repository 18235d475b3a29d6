package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.EmbeddingJacobian;
import io.github.dl4jngd.fisher.jacobian.KroneckerFactored;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** The factors of an embedding: a diagonal A, how often each word occurs, which is kept as a column, and G. */
@SuppressWarnings("try") // scopes are resources that are never named
final class EmbeddingBlock implements AveragedFactors {

    private final ParameterBlock parameters;
    private final LinearAlgebra linearAlgebra;
    private final KroneckerFisher.Options options;

    /**
     * The exponential means of A's diagonal, [inputs, 1], and of G, without bias correction; empty before the first
     * minibatch.
     */
    private List<INDArray> means = List.of();

    private double weight;

    /** 1/(A's diagonal + π√ρ) and (G + √ρ/π I)⁻¹; empty before the first. */
    private List<INDArray> inverses = List.of();

    private double jitter;

    EmbeddingBlock(ParameterBlock parameters, LinearAlgebra linearAlgebra, KroneckerFisher.Options options) {
        this.parameters = parameters;
        this.linearAlgebra = linearAlgebra;
        this.options = options;
    }

    @Override
    public ParameterBlock parameters() {
        return parameters;
    }

    @Override
    public List<INDArray> statistics(LayerJacobian layer, long samples) {
        EmbeddingJacobian embedding = ((EmbeddingJacobian) layer).firstSamples(options.factorSamples());
        return List.of(embedding.inputDiagonal(options.sharing()), embedding.outputFactor(options.sharing()));
    }

    @Override
    public void observe(List<INDArray> statistics) {
        double keep = weight == 0 ? 0 : options.decay();
        double take = options.decay() == 0 ? 1 : 1 - options.decay();
        INDArray counts = statistics.get(0);
        INDArray output = statistics.get(1);
        if (!Double.isFinite(Diagonals.trace(output))) {
            throw new ArithmeticException("K-FAC's factor G of layer " + parameters.name()
                    + " is not finite at this minibatch; it was left out of the mean");
        }
        means = List.of(
                KroneckerBlock.average(means.isEmpty() ? null : means.get(0), keep, counts, take),
                KroneckerBlock.average(means.isEmpty() ? null : means.get(1), keep, output, take));
        weight = keep * weight + take;
    }

    private INDArray counts() {
        return means.get(0).div(weight);
    }

    private INDArray output() {
        return means.get(1).div(weight);
    }

    @Override
    public List<INDArray> factors() {
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            return List.of(output());
        }
    }

    @Override
    public List<INDArray> factorsOf(KroneckerFactored layer) {
        return List.of(layer.outputFactor(options.sharing()));
    }

    @Override
    public List<long[]> factorShapes() {
        return List.of(new long[] {parameters.units(), parameters.units()});
    }

    private static FactoredDamping factored(double rho, INDArray counts, INDArray output) {
        return FactoredDamping.of(rho, counts.meanNumber().doubleValue(), Diagonals.mean(output));
    }

    @Override
    public Inversion inversion(Damping damping) {
        INDArray counts;
        INDArray output;
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            counts = counts();
            output = output();
        }
        FactoredDamping dampings = factored(damping(damping), counts, output);
        return () -> {
            try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                KroneckerBlock.Inverse inverse =
                        KroneckerBlock.inverse(linearAlgebra, options.inverse(), output, dampings.output());
                return new Inverses(List.of(reciprocals(counts, dampings.input()), inverse.matrix()), inverse.jitter());
            }
        };
    }

    /** Of a word that has not occurred, without damping, that of the pseudo-inverse. */
    private static INDArray reciprocals(INDArray counts, double damping) {
        INDArray divisors = counts.add(damping);
        BooleanIndexing.replaceWhere(divisors, Double.POSITIVE_INFINITY, Conditions.lessThanOrEqual(0));
        return divisors.rdivi(1);
    }

    @Override
    public void adopt(Inverses inverses) {
        this.inverses = List.copyOf(inverses.matrices());
        jitter = inverses.jitter();
    }

    @Override
    public boolean isInverted() {
        return !inverses.isEmpty();
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
        return List.of(new long[] {parameters.inputs(), 1}, new long[] {parameters.units(), parameters.units()});
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

    @Override
    public double jitter() {
        return jitter;
    }

    /** ρ; where it is relative, of the mean diagonal of A ⊗ G. */
    @Override
    public double damping(Damping damping) {
        return damping.relative()
                ? damping.of(means.get(0).meanNumber().doubleValue() / weight * Diagonals.mean(means.get(1)) / weight)
                : damping.value();
    }

    @Override
    public INDArray solve(INDArray matrix, Damping damping) {
        return Products.columnMajor(matrix.mulColumnVector(inverses.get(0)), inverses.get(1));
    }

    @Override
    public long savedByRows(long samples) {
        return -1;
    }

    @Override
    public void solve(DenseJacobian rows, double factor, INDArray flat) {
        throw new UnsupportedOperationException("An embedding's block is solved from the gradient");
    }

    @Override
    public INDArray naturalGradient(LayerJacobian layer, INDArray residual, long samples, Damping damping) {
        EmbeddingJacobian wide = ((EmbeddingJacobian) layer).castTo(DataType.DOUBLE);
        INDArray gradient =
                wide.transposeTimes(residual.castTo(DataType.DOUBLE)).divi(samples);
        INDArray counts = wide.inputDiagonal(options.sharing());
        INDArray output = wide.outputFactor(options.sharing());
        double rho = damping.relative()
                ? damping.of(counts.meanNumber().doubleValue() * Diagonals.mean(output))
                : damping.value();
        FactoredDamping dampings = factored(rho, counts, output);
        KroneckerBlock.Inverse inverse =
                KroneckerBlock.inverse(linearAlgebra, options.inverse(), output, dampings.output());
        jitter = inverse.jitter();
        return gradient.muliColumnVector(reciprocals(counts, dampings.input())).mmul(inverse.matrix());
    }

    @Override
    public INDArray multiply(INDArray matrix) {
        return matrix.mulColumnVector(counts()).mmul(output());
    }
}
