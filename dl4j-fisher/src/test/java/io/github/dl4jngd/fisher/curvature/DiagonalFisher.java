package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The diagonal of F, the counter-example: one scalar per weight does not satisfy the isotropy condition.
 *
 * <p>F_(i,u),(i,u) = (1/N) Σ_n ã²_{n,i} Σ_k δ̃²_{k,n,u}. Cost: one matrix product per layer.
 */
public final class DiagonalFisher implements FisherApproximation {

    private FisherRoot root;
    private INDArray diagonal;

    /** An approximation that has seen nothing yet. */
    public DiagonalFisher() {}

    @Override
    public void observe(FisherRoot root) {
        this.root = root;
        diagonal = null;
        for (LayerJacobian any : root.layers()) {
            if (!(any instanceof DenseJacobian layer)) {
                throw new IllegalArgumentException("Layer " + any.name() + ": "
                        + any.getClass().getSimpleName() + " has no rule for the diagonal");
            }
            INDArray input = layer.input();
            if (diagonal == null) {
                diagonal = Nd4j.create(input.dataType(), root.parameters());
            }
            INDArray squares = layer.stackedCotangents().mul(layer.stackedCotangents());
            INDArray weights = squares.reshape(layer.cotangentCount(), layer.samples(), layer.outputs())
                    .sum(0);
            INDArray matrix = input.mul(input).transpose().mmul(weights).divi(root.samples());
            layer.block().write(matrix, diagonal);
        }
    }

    @Override
    public Direction naturalGradient(Damping damping) {
        return solve(Requirements.requireObserved(root).gradient(), damping);
    }

    @Override
    public Direction solve(INDArray gradient, Damping damping) {
        Requirements.requireObserved(root);
        INDArray v = DualSystem.zeros(root, gradient.dataType());
        double quadratic = 0;
        for (LayerJacobian layer : root.layers()) {
            INDArray block = layer.block().read(diagonal);
            double rho = damping.of(block.meanNumber().doubleValue());
            INDArray damped = block.add(rho);
            // a parameter that moves no output has gradient zero, and stays
            INDArray part =
                    layer.block().read(gradient).div(damped.addi(damped.eq(0).castTo(damped.dataType())));
            layer.block().write(part, v);
            quadratic += rho * Products.squaredNorm(part);
        }
        return Direction.of(v, quadratic, 0);
    }

    @Override
    public INDArray toDense() {
        Requirements.requireObserved(root);
        return Nd4j.diag(diagonal);
    }
}
