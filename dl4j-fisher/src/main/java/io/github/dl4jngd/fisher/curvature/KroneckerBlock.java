package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.Jitter;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The Kronecker factors of one dense layer and their damped inverses; they live across steps, outside any workspace. */
@SuppressWarnings("try") // scopes are resources that are never named
final class KroneckerBlock {

    private final ParameterBlock parameters;
    private final LinearAlgebra linearAlgebra;
    private final KroneckerFisher.Options options;

    /** The exponential means without bias correction, and the weight 1 − βᵗ that corrects them. */
    private INDArray inputMean;

    private INDArray outputMean;
    private double weight;

    private INDArray inputInverse;
    private INDArray outputInverse;
    private double jitter;

    KroneckerBlock(DenseJacobian layer, LinearAlgebra linearAlgebra, KroneckerFisher.Options options) {
        this.parameters = layer.block();
        this.linearAlgebra = linearAlgebra;
        this.options = options;
    }

    ParameterBlock parameters() {
        return parameters;
    }

    void observe(DenseJacobian layer) {
        double keep = weight == 0 ? 0 : options.decay();
        double take = options.decay() == 0 ? 1 : 1 - options.decay();
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            INDArray a = layer.input();
            INDArray d = layer.stackedCotangents();
            inputMean = average(inputMean, keep, a.transpose().mmul(a), take / layer.samples());
            outputMean = average(outputMean, keep, d.transpose().mmul(d), take / layer.samples());
        }
        weight = keep * weight + take;
    }

    private static INDArray average(INDArray mean, double keep, INDArray sum, double take) {
        INDArray addend = sum.muli(take);
        return mean == null || keep == 0 ? addend : mean.muli(keep).addi(addend);
    }

    /** A, [in(+1), in(+1)], bias-corrected. */
    INDArray inputFactor() {
        return inputMean.div(weight);
    }

    /** G, [out, out], bias-corrected. */
    INDArray outputFactor() {
        return outputMean.div(weight);
    }

    boolean isInverted() {
        return inputInverse != null;
    }

    double jitter() {
        return jitter;
    }

    /** ρ; where it is relative, of the mean diagonal of A ⊗ G. */
    double damping(Damping damping) {
        return damping.relative()
                ? damping.of(Matrices.meanDiagonal(inputMean) / weight * Matrices.meanDiagonal(outputMean) / weight)
                : damping.value();
    }

    /** π√ρ for A and √ρ/π for G. */
    private double[] factorDampings(Damping damping) {
        double inputMeanDiagonal = Matrices.meanDiagonal(inputMean);
        double outputMeanDiagonal = Matrices.meanDiagonal(outputMean);
        double pi =
                inputMeanDiagonal > 0 && outputMeanDiagonal > 0 ? Math.sqrt(inputMeanDiagonal / outputMeanDiagonal) : 1;
        double root = Math.sqrt(damping(damping));
        return new double[] {pi * root, root / pi};
    }

    double refresh(Damping damping) {
        double[] dampings = factorDampings(damping);
        jitter = 0;
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            inputInverse = inverse(inputFactor(), dampings[0]);
            outputInverse = inverse(outputFactor(), dampings[1]);
        }
        return jitter;
    }

    private INDArray inverse(INDArray factor, double damping) {
        return switch (options.inverse()) {
            case CHOLESKY -> {
                Cholesky cholesky = linearAlgebra.cholesky(Matrices.addToDiagonal(factor, damping), Jitter.defaults());
                jitter = Math.max(jitter, cholesky.jitter());
                yield cholesky.inverse();
            }
            case EIGEN -> {
                SymmetricEigen eigen = linearAlgebra.symmetricEigen(factor);
                double rounding = Math.max(0, eigen.values().maxNumber().doubleValue())
                        * factor.size(0)
                        * (factor.dataType() == DataType.DOUBLE ? 1e-16 : 6e-8);
                // without damping the inverse is the pseudo-inverse
                yield eigen.reconstruct(value -> value + damping > rounding ? 1 / (Math.max(value, 0) + damping) : 0);
            }
        };
    }

    /** (A + π√ρ I)⁻¹ M (G + √ρ/π I)⁻¹ for M [in(+1), out]. */
    INDArray solve(INDArray matrix) {
        return inputInverse.mmul(matrix).mmul(outputInverse);
    }

    /**
     * The same for M = ãᵀE/N, E_n = Σ_k q_{k,n}δ̃_{k,n}, from one minibatch's own factors: with X = δ̃(G + μI)⁻¹ = (δ̃δ̃ᵀ/N + μI)⁻¹δ̃ and
     * Z_n = Σ_k q_{k,n}X_{k,n}, it is (A + λI)⁻¹ãᵀZ/N = ãᵀ(ããᵀ/N + λI)⁻¹Z/N. Each side is solved in the smaller of its two forms, in
     * float64.
     */
    INDArray naturalGradient(DenseJacobian layer, INDArray residual, Damping damping) {
        DenseJacobian wide = layer.castTo(DataType.DOUBLE);
        double[] dampings = factorDampings(damping);
        long samples = wide.samples();
        INDArray a = wide.input();
        INDArray d = wide.stackedCotangents();
        jitter = 0;
        INDArray x = wide.rows() < wide.outputs()
                ? factorize(d.mmul(d.transpose()).divi(samples), dampings[1]).solve(d)
                : factorize(d.transpose().mmul(d).divi(samples), dampings[1])
                        .solve(d.transpose())
                        .transpose();
        INDArray z = new DenseJacobian(
                        parameters, a, x.dup('c').reshape('c', wide.cotangentCount(), samples, wide.outputs()))
                .contract(residual.castTo(DataType.DOUBLE));
        return samples < wide.inputs()
                ? a.transpose()
                        .mmul(factorize(a.mmul(a.transpose()).divi(samples), dampings[0])
                                .solve(z))
                        .divi(samples)
                : factorize(a.transpose().mmul(a).divi(samples), dampings[0])
                        .solve(a.transpose().mmul(z))
                        .divi(samples);
    }

    /** Writes the layer's direction [in(+1), out] into the whole network's and returns ρ‖v_l‖². */
    double place(INDArray part, INDArray direction, Damping damping) {
        parameters.write(part, direction);
        return damping(damping) * Matrices.squaredNorm(part);
    }

    private Cholesky factorize(INDArray matrix, double damping) {
        Cholesky cholesky = linearAlgebra.cholesky(Matrices.addToDiagonal(matrix, damping), Jitter.defaults());
        jitter = Math.max(jitter, cholesky.jitter());
        return cholesky;
    }
}
