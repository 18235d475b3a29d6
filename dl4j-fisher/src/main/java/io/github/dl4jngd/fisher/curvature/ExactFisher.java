package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The Fisher information matrix itself, F̂ = F = J̃ᵀJ̃/N, solved in its dual.
 *
 * <p>v = J̃ᵀ(Θ + ρI)⁻¹ q/N with Θ = J̃J̃ᵀ/N (q-form), or v = (g − J̃ᵀ(Θ + ρI)⁻¹ J̃ g/N)/ρ for any other g (g-form, in
 * float64, because its subtraction cancels). Cost: the Gram matrix of all layers and one Cholesky factorisation,
 * (KN)³/3 flops; memory 8 (KN)² bytes three times.
 */
public final class ExactFisher implements FisherApproximation {

    private final LinearAlgebra linearAlgebra;
    private @Nullable Observed observed;

    private record Observed(FisherRoot root, DualSystem dual) {}

    /**
     * An approximation that has seen nothing yet.
     *
     * @param linearAlgebra factorisations
     */
    public ExactFisher(LinearAlgebra linearAlgebra) {
        this.linearAlgebra = linearAlgebra;
    }

    @Override
    public void observe(FisherRoot root) {
        List<LayerJacobian> layers = root.layers();
        INDArray gram = layers.get(0).gram(DataType.DOUBLE);
        for (LayerJacobian layer : layers.subList(1, layers.size())) {
            gram = gram.addi(layer.gram(DataType.DOUBLE));
        }
        observed = new Observed(root, new DualSystem(linearAlgebra, gram.divi(root.samples())));
    }

    @Override
    public Direction naturalGradient(Damping damping) {
        FisherRoot root = observed().root();
        DualSystem dual = observed().dual();
        INDArray q = root.requireWhitenedResidual();
        double rho = dual.damping(damping);
        Cholesky factor = dual.factorize(rho);
        INDArray s = DualSystem.unstack(factor.solve(DualSystem.stack(q)), q);
        INDArray v = root.transposeTimes(s).divi(root.samples());
        return Direction.of(v, rho * Products.squaredNorm(v), factor.jitter());
    }

    @Override
    public Direction solve(INDArray gradient, Damping damping) {
        FisherRoot root = observed().root();
        DualSystem dual = observed().dual();
        FisherRoot wide = root.castTo(DataType.DOUBLE);
        double rho = Requirements.requirePositive(dual.damping(damping));
        Cholesky factor = dual.factorize(rho);
        INDArray g = gradient.castTo(DataType.DOUBLE);
        INDArray jg = wide.times(g);
        INDArray s = DualSystem.unstack(factor.solve(DualSystem.stack(jg)), jg);
        INDArray v = DualSystem.zeros(wide, DataType.DOUBLE);
        for (LayerJacobian layer : wide.layers()) {
            INDArray part = layer.block()
                    .read(g)
                    .sub(layer.transposeTimes(s).divi(root.samples()))
                    .divi(rho);
            layer.block().write(part, v);
        }
        return Direction.of(v.castTo(gradient.dataType()), rho * Products.squaredNorm(v), factor.jitter());
    }

    @Override
    public INDArray toDense() {
        FisherRoot root = observed().root();
        INDArray dense = root.toDense();
        return dense.transpose().mmul(dense).divi(root.samples());
    }

    /**
     * The Gram matrix Θ = J̃J̃ᵀ/N of the last minibatch; rows k-major.
     *
     * @return Θ, [KN, KN], float64
     */
    public INDArray gram() {
        return observed().dual().gram();
    }

    private Observed observed() {
        return Requirements.requireObserved(observed);
    }

    @Override
    public void close() {
        observed = null;
    }
}
