package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The block-diagonal approximation with one block per layer, F̂ = diag(F_1 … F_L), F_l = J̃_lᵀJ̃_l/N.
 *
 * <p>v_l = J̃_lᵀ(Θ_l + ρI)⁻¹ q/N. Cost: L Cholesky factorisations of [KN, KN]; memory 8 L (KN)² bytes and two more of
 * these matrices while one is factorised.
 */
public final class LayerWiseFisher implements FisherApproximation {

    private final LinearAlgebra linearAlgebra;
    private @Nullable Observed observed;

    private record Observed(FisherRoot root, List<DualSystem> duals) {}

    /**
     * An approximation that has seen nothing yet.
     *
     * @param linearAlgebra factorisations
     */
    public LayerWiseFisher(LinearAlgebra linearAlgebra) {
        this.linearAlgebra = linearAlgebra;
    }

    @Override
    public void observe(FisherRoot root) {
        List<DualSystem> duals = new ArrayList<>();
        for (LayerJacobian layer : root.layers()) {
            duals.add(new DualSystem(linearAlgebra, layer.gram(DataType.DOUBLE).divi(root.samples())));
        }
        observed = new Observed(root, duals);
    }

    @Override
    public Direction naturalGradient(Damping damping) {
        FisherRoot root = observed().root();
        List<DualSystem> duals = duals();
        INDArray q = root.requireWhitenedResidual();
        INDArray v = DualSystem.zeros(root, q.dataType());
        double quadratic = 0;
        double jitter = 0;
        for (int l = 0; l < duals.size(); l++) {
            LayerJacobian layer = root.layers().get(l);
            double rho = duals.get(l).damping(damping);
            Cholesky factor = duals.get(l).factorize(rho);
            INDArray s = DualSystem.unstack(factor.solve(DualSystem.stack(q)), q);
            INDArray part = layer.transposeTimes(s).divi(root.samples());
            layer.block().write(part, v);
            quadratic += rho * Products.squaredNorm(part);
            jitter = Math.max(jitter, factor.jitter());
        }
        return Direction.of(v, quadratic, jitter);
    }

    @Override
    public Direction solve(INDArray gradient, Damping damping) {
        FisherRoot root = observed().root();
        List<DualSystem> duals = duals();
        INDArray v = DualSystem.zeros(root, gradient.dataType());
        double quadratic = 0;
        double jitter = 0;
        for (int l = 0; l < duals.size(); l++) {
            LayerJacobian layer = root.layers().get(l).castTo(DataType.DOUBLE);
            double rho = Requirements.requirePositive(duals.get(l).damping(damping));
            Cholesky factor = duals.get(l).factorize(rho);
            INDArray g = layer.block().read(gradient).castTo(DataType.DOUBLE);
            INDArray jg = layer.times(g);
            INDArray s = DualSystem.unstack(factor.solve(DualSystem.stack(jg)), jg);
            INDArray part = g.sub(layer.transposeTimes(s).divi(root.samples())).divi(rho);
            layer.block().write(part, v);
            quadratic += rho * Products.squaredNorm(part);
            jitter = Math.max(jitter, factor.jitter());
        }
        return Direction.of(v, quadratic, jitter);
    }

    @Override
    public INDArray toDense() {
        FisherRoot root = observed().root();
        INDArray dense = DenseForm.zeros(root);
        for (LayerJacobian layer : root.layers()) {
            INDArray rows = layer.toDense();
            DenseForm.put(dense, layer, layer, rows.transpose().mmul(rows).divi(root.samples()));
        }
        return dense;
    }

    /** The layer blocks' Gram matrices Θ_l. */
    List<DualSystem> duals() {
        return observed().duals();
    }

    private Observed observed() {
        return Requirements.requireObserved(observed);
    }

    @Override
    public void close() {
        observed = null;
    }
}
