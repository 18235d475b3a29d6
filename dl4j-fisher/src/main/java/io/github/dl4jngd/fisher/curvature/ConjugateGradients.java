package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * (F̂ + ρI) v = g by conjugate gradients on v ↦ F v, for the exact and the layer-wise method where the rows of J̃ do
 * not fit into memory: the products are exact however samples are coupled.
 *
 * <p>F̂ is F masked to groups of parameter blocks: one group of all for the exact method, one group a layer for the
 * layer-wise one. A group is solved with vectors that are zero elsewhere, so that F v restricted to the group is its
 * block of F times v. It stops at ‖(F̂ + ρI)v − g‖ ≤ tolerance ‖g‖ or after the given number of iterations; each costs
 * one jvp and one vjp. Source: Hestenes &amp; Stiefel 1952; Martens, <em>Deep learning via Hessian-free
 * optimization</em>, ICML 2010.
 */
public final class ConjugateGradients {

    private final SymmetricOperator fisher;
    private final double tolerance;
    private final int maxIterations;

    /**
     * Creates a solver.
     *
     * @param fisher the whole F, in the coordinates of the gradient
     * @param tolerance the relative residual to stop at, above zero
     * @param maxIterations for each group, at least one
     */
    public ConjugateGradients(SymmetricOperator fisher, double tolerance, int maxIterations) {
        if (!(tolerance > 0) || maxIterations < 1) {
            throw new IllegalArgumentException("The tolerance must be above zero and the iterations at least one, got "
                    + tolerance + " and " + maxIterations);
        }
        this.fisher = fisher;
        this.tolerance = tolerance;
        this.maxIterations = maxIterations;
    }

    /**
     * Solves group by group.
     *
     * @param gradient g, [P]; not modified
     * @param rho ρ &gt; 0
     * @param groups which blocks make up F̂'s diagonal blocks
     * @return v, [P], zero outside the groups; its note tells iterations and residual
     */
    @SuppressWarnings("try") // scopes are resources that are never named
    public Direction solve(INDArray gradient, double rho, List<List<ParameterBlock>> groups) {
        Requirements.requirePositive(rho);
        INDArray v = Nd4j.create(gradient.dataType(), gradient.length());
        int iterations = 0;
        double worst = 0;
        for (List<ParameterBlock> group : groups) {
            INDArray g = masked(gradient, group);
            double norm = g.norm2Number().doubleValue();
            if (norm == 0) {
                continue;
            }
            INDArray x = Nd4j.create(g.dataType(), g.length());
            INDArray residual = g.dup();
            INDArray p = g.dup();
            double squared = norm * norm;
            int k = 0;
            while (k < maxIterations && Math.sqrt(squared) > tolerance * norm) {
                try (Scratch ignored = Scratch.open()) {
                    INDArray product = masked(fisher.times(p), group).addi(p.mul(rho));
                    double curvature = p.mul(product).sumNumber().doubleValue();
                    double step = squared / curvature;
                    x.addi(p.mul(step));
                    residual.subi(product.muli(step));
                    double next = Products.squaredNorm(residual);
                    p.muli(next / squared).addi(residual);
                    squared = next;
                }
                k++;
            }
            iterations += k;
            worst = Math.max(worst, Math.sqrt(squared) / norm);
            v.addi(x);
        }
        String note =
                String.format(Locale.ROOT, "solved by %d products with F, relative residual %.1e", iterations, worst);
        return new Direction(v, rho * Products.squaredNorm(v), 0, false, note);
    }

    private static INDArray masked(INDArray vector, List<ParameterBlock> group) {
        INDArray masked = Nd4j.create(vector.dataType(), vector.length());
        group.forEach(block -> block.write(block.read(vector), masked));
        return masked;
    }
}
