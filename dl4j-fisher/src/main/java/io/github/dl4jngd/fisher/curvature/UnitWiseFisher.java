package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The block-diagonal approximation with one block per unit, the unit's incoming weights and its bias.
 *
 * <p>Row (k, n) of a dense unit's J̃_u is δ̃_{k,n,u} ã_n, so F_u = ãᵀ diag(w) ã/N with w_n = Σ_k δ̃²_{k,n,u}. With e_n
 * = Σ_k δ̃_{k,n,u} q_{k,n}, v_u = ãᵀ √w ∘ [(√w ããᵀ √w/N + ρI)⁻¹ (e/√w)]/N, an N×N system, or (F_u + ρI)⁻¹ g_u, an
 * (in+1)×(in+1) one; the smaller is taken. All units of a layer are solved as one batch over all cores, in float64 (the
 * blocks of wide layers have condition numbers beyond float32). Cost: one Cholesky factorisation per unit, of min(N,
 * in+1), or in the dual of the n_u samples that the unit is active at: a sample with w_n = 0 is no part of the system,
 * so that a ReLU which is active at half of them takes an eighth of N³/3. Memory: one system a core; where a system is
 * singular, and in the primal, a chunk of {@value #CHUNK_ELEMENTS} matrix elements at a time.
 */
public final class UnitWiseFisher implements FisherApproximation {

    /** How many matrix elements are held at a time while a layer's units are solved. */
    public static final long CHUNK_ELEMENTS = 1L << 23;

    private final LinearAlgebra linearAlgebra;
    private @Nullable FisherRoot root;

    /**
     * An approximation that has seen nothing yet.
     *
     * @param linearAlgebra factorisations
     */
    public UnitWiseFisher(LinearAlgebra linearAlgebra) {
        this.linearAlgebra = linearAlgebra;
    }

    @Override
    public void observe(FisherRoot root) {
        this.root = root;
    }

    @Override
    public Direction naturalGradient(Damping damping) {
        INDArray q = observed().requireWhitenedResidual();
        INDArray wideResidual = q.castTo(DataType.DOUBLE);
        return overLayers(q.dataType(), (layer, units) -> units.naturalGradient(wideResidual, damping));
    }

    @Override
    public Direction solve(INDArray gradient, Damping damping) {
        return overLayers(gradient.dataType(), (layer, units) -> {
            INDArray g = layer.block().read(gradient).castTo(DataType.DOUBLE);
            return units.solve(g, damping);
        });
    }

    private FisherRoot observed() {
        return Requirements.requireObserved(root);
    }

    private interface LayerSolution {
        UnitSystems.Solution of(LayerJacobian layer, UnitSystems units);
    }

    private Direction overLayers(DataType dataType, LayerSolution solution) {
        FisherRoot root = observed();
        INDArray v = DualSystem.zeros(root, dataType);
        double quadratic = 0;
        double jitter = 0;
        for (LayerJacobian layer : root.layers()) {
            UnitSystems.Solution part = solution.of(layer, UnitSystems.of(linearAlgebra, layer, root.samples()));
            layer.block().write(part.weights(), part.biases(), v);
            quadratic += part.dampingQuadratic();
            jitter = Math.max(jitter, part.jitter());
        }
        return Direction.of(v, quadratic, jitter);
    }

    /**
     * The normalised trace Σ_u tr(J̃_u(F_u + ρ_uI)⁻¹J̃_uᵀ)/(NK): the isotropy constant α where the isotropy condition
     * holds.
     *
     * @param damping how much is added to each unit's diagonal
     * @return the trace of the sum of the units' projectors over the number of rows of J̃
     */
    public double projectorTrace(Damping damping) {
        FisherRoot root = observed();
        double trace = 0;
        for (LayerJacobian layer : root.layers()) {
            trace += UnitSystems.of(linearAlgebra, layer, root.samples()).projectorTrace(damping);
        }
        return trace / root.rows();
    }

    @Override
    public INDArray toDense() {
        FisherRoot root = observed();
        INDArray dense = DenseForm.zeros(root);
        for (LayerJacobian layer : root.layers()) {
            INDArray rows = layer.toDense();
            INDArray block = rows.transpose().mmul(rows).divi(root.samples());
            INDArray unitOf = unitIndices(layer.block()).dup('f').reshape('f', new long[] {layer.parameters()});
            INDArray same = unitOf.reshape(unitOf.length(), 1)
                    .eq(unitOf.reshape(1, unitOf.length()))
                    .castTo(block.dataType());
            DenseForm.put(dense, layer, layer, block.muli(same));
        }
        return dense;
    }

    /** [in(+1), out] with the unit's index in every entry. */
    private static INDArray unitIndices(ParameterBlock block) {
        INDArray index = Nd4j.arange((double) block.units()).castTo(DataType.DOUBLE);
        return Nd4j.create(DataType.DOUBLE, block.inputs(), block.units()).addiRowVector(index);
    }

    @Override
    public void close() {
        root = null;
    }
}
