package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The diagonal of F, the counter-example: one scalar per weight does not satisfy the isotropy condition.
 *
 * <p>F_(i,u),(i,u) = (1/N) Σ_n ã²_{n,i} Σ_k δ̃²_{k,n,u}. Cost: one matrix product per layer.
 */
public final class DiagonalFisher implements FisherApproximation {

    private @Nullable Observed observed;

    private record Observed(FisherRoot root, INDArray diagonal) {}

    /** An approximation that has seen nothing yet. */
    public DiagonalFisher() {}

    @Override
    public void observe(FisherRoot root) {
        List<DenseJacobian> layers =
                root.layers().stream().map(DiagonalFisher::dense).toList();
        INDArray diagonal = Nd4j.create(layers.get(0).input().dataType(), root.parameters());
        for (DenseJacobian layer : layers) {
            INDArray input = layer.input();
            INDArray squares = layer.stackedCotangents().mul(layer.stackedCotangents());
            INDArray weights = squares.reshape(layer.cotangentCount(), layer.samples(), layer.outputs())
                    .sum(0);
            INDArray matrix = input.mul(input).transpose().mmul(weights).divi(root.samples());
            layer.block().write(matrix, diagonal);
        }
        observed = new Observed(root, diagonal);
    }

    private static DenseJacobian dense(LayerJacobian layer) {
        if (layer instanceof DenseJacobian dense) {
            return dense;
        }
        throw new IllegalArgumentException(
                "Layer " + layer.name() + ": " + layer.getClass().getSimpleName() + " has no rule for the diagonal");
    }

    @Override
    public Direction naturalGradient(Damping damping) {
        return solve(Requirements.requireObserved(observed).root().gradient(), damping);
    }

    @Override
    public Direction solve(INDArray gradient, Damping damping) {
        Observed at = Requirements.requireObserved(observed);
        FisherRoot root = at.root();
        INDArray v = DualSystem.zeros(root, gradient.dataType());
        double quadratic = 0;
        for (LayerJacobian layer : root.layers()) {
            INDArray block = layer.block().read(at.diagonal());
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
        return Nd4j.diag(Requirements.requireObserved(observed).diagonal());
    }
}
