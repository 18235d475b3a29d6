package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.internal.Diagonals;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.GeneralSolution;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SingularMatrixException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * F masked to neighbouring layers: blocks (l, l′) with |l − l′| ≤ 1.
 *
 * <p>In the dual, Θ_{l−1}s_{l−1} + Θ_l s_l + Θ_{l+1}s_{l+1} + ρ s_l = q and v_l = J̃_lᵀs_l/N; undamped s_l = (T⁺1)_l
 * Θ_l⁻¹q with T the tri-diagonal matrix of ones. With one or two layers nothing is masked and this is
 * {@link ExactFisher}.
 *
 * <p>The masked matrix is indefinite from three layers on, so damping does not regularise it: F̂ + ρI is singular
 * wherever ρ meets a negative eigenvalue. Every solution is therefore checked: where ⟨g, v⟩ is not positive or the
 * system is too ill-conditioned, the layer-wise direction is returned in its place and {@link Direction#note()} says
 * so. Cost: one LU factorisation of [L KN, L KN].
 */
public final class BlockTriDiagonalFisher implements FisherApproximation {

    /** Below this reciprocal condition number a float64 solution has no correct digit worth a step. */
    static final double SMALLEST_RECIPROCAL_CONDITION = 1e-13;

    /** Above this relative residual an undamped system counts as unsolvable. */
    static final double LARGEST_RESIDUAL = 1e-4;

    private final LinearAlgebra linearAlgebra;
    private final LayerWiseFisher layerWise;
    private final ExactFisher exact;
    private @Nullable FisherRoot root;

    /**
     * An approximation that has seen nothing yet.
     *
     * @param linearAlgebra factorisations
     */
    public BlockTriDiagonalFisher(LinearAlgebra linearAlgebra) {
        this.linearAlgebra = linearAlgebra;
        this.layerWise = new LayerWiseFisher(linearAlgebra);
        this.exact = new ExactFisher(linearAlgebra);
    }

    @Override
    public void observe(FisherRoot root) {
        this.root = root;
        if (isExact(root)) {
            exact.observe(root);
        } else {
            layerWise.observe(root);
        }
    }

    private static boolean isExact(FisherRoot root) {
        return root.layers().size() <= 2;
    }

    private FisherRoot observed() {
        return Requirements.requireObserved(root);
    }

    @Override
    public Direction naturalGradient(Damping damping) {
        FisherRoot root = observed();
        if (isExact(root)) {
            return exact.naturalGradient(damping);
        }
        INDArray q = root.requireWhitenedResidual();
        String failure;
        if (damping.value() == 0) {
            Direction direction = undamped(root, q);
            failure = direction.note();
            if (failure.isEmpty()) {
                return direction;
            }
        } else {
            int layers = root.layers().size();
            INDArray column = DualSystem.stack(q);
            INDArray right =
                    Nd4j.concat(0, java.util.Collections.nCopies(layers, column).toArray(new INDArray[0]));
            double rho = rho(damping);
            try {
                GeneralSolution solution = linearAlgebra.solve(system(root, rho), right);
                Direction direction = combine(root, solution.x(), q, rho);
                failure = failure(solution, root.gradient(), direction);
                if (failure.isEmpty()) {
                    return direction;
                }
            } catch (SingularMatrixException e) {
                failure = String.valueOf(e.getMessage());
            }
        }
        return instead(layerWise.naturalGradient(damping), failure);
    }

    @Override
    public Direction solve(INDArray gradient, Damping damping) {
        FisherRoot root = observed();
        if (isExact(root)) {
            return exact.solve(gradient, damping);
        }
        FisherRoot wide = root.castTo(DataType.DOUBLE);
        double rho = Requirements.requirePositive(rho(damping));
        INDArray g = gradient.castTo(DataType.DOUBLE);
        int layers = root.layers().size();
        long rows = root.layers().get(0).rows();
        // v_l = (g_l − J̃_lᵀ t_l/N)/ρ, t_l = Σ_{|l′−l|≤1} J̃_{l′}v_{l′}: the same matrix applied to t, the right side
        // its mask of J̃g
        INDArray[] jg = new INDArray[layers];
        for (int l = 0; l < layers; l++) {
            LayerJacobian layer = wide.layers().get(l);
            jg[l] = DualSystem.stack(layer.times(layer.block().read(g)));
        }
        INDArray right = Nd4j.create(DataType.DOUBLE, layers * rows, 1);
        for (int l = 0; l < layers; l++) {
            for (int m = Math.max(0, l - 1); m <= Math.min(layers - 1, l + 1); m++) {
                right.get(interval(l, rows), NDArrayIndex.all()).addi(jg[m]);
            }
        }
        try {
            GeneralSolution solution = linearAlgebra.solve(system(root, rho), right);
            INDArray v = Nd4j.create(DataType.DOUBLE, root.parameters());
            for (int l = 0; l < layers; l++) {
                LayerJacobian layer = wide.layers().get(l);
                INDArray t =
                        solution.x().get(interval(l, rows), NDArrayIndex.all()).dup('c');
                INDArray part = layer.block()
                        .read(g)
                        .sub(layer.transposeTimes(t).divi(root.samples()))
                        .divi(rho);
                layer.block().write(part, v);
            }
            Direction direction = Direction.of(v.castTo(gradient.dataType()), rho * Products.squaredNorm(v), 0);
            String failure = failure(solution, gradient, direction);
            return failure.isEmpty() ? direction : instead(layerWise.solve(gradient, damping), failure);
        } catch (SingularMatrixException e) {
            return instead(layerWise.solve(gradient, damping), String.valueOf(e.getMessage()));
        }
    }

    private static Direction instead(Direction direction, String failure) {
        return new Direction(
                direction.vector(),
                direction.dampingQuadratic(),
                direction.jitter(),
                true,
                "block-tri-diagonal step replaced by the layer-wise one: " + failure);
    }

    private static String failure(GeneralSolution solution, INDArray gradient, Direction direction) {
        if (!(solution.reciprocalCondition() >= SMALLEST_RECIPROCAL_CONDITION)) {
            return "reciprocal condition number " + solution.reciprocalCondition();
        }
        double slope = gradient.mul(direction.vector()).sumNumber().doubleValue();
        return slope > 0 ? "" : "not a descent direction, ⟨g, v⟩ = " + slope;
    }

    private double rho(Damping damping) {
        double mean = 0;
        for (DualSystem dual : layerWise.duals()) {
            mean += Diagonals.mean(dual.gram()) / layerWise.duals().size();
        }
        return damping.of(mean);
    }

    /** The matrix with blocks (l, m) = Θ_m for |l − m| ≤ 1, plus ρ on the diagonal. */
    private INDArray system(FisherRoot root, double rho) {
        int layers = root.layers().size();
        long rows = root.layers().get(0).rows();
        INDArray system = Nd4j.create(DataType.DOUBLE, new long[] {layers * rows, layers * rows}, 'f');
        for (int l = 0; l < layers; l++) {
            for (int m = Math.max(0, l - 1); m <= Math.min(layers - 1, l + 1); m++) {
                system.get(interval(l, rows), interval(m, rows))
                        .assign(layerWise.duals().get(m).gram());
            }
        }
        return Diagonals.add(system, rho);
    }

    private static INDArrayIndex interval(int block, long rows) {
        return NDArrayIndex.interval(block * rows, (block + 1) * rows);
    }

    private static Direction combine(FisherRoot root, INDArray stacked, INDArray q, double rho) {
        long rows = q.length();
        INDArray v = DualSystem.zeros(root, q.dataType());
        for (int l = 0; l < root.layers().size(); l++) {
            LayerJacobian layer = root.layers().get(l);
            INDArray s = stacked.get(interval(l, rows), NDArrayIndex.all()).dup('c');
            layer.block().write(layer.transposeTimes(DualSystem.unstack(s, q)).divi(root.samples()), v);
        }
        return Direction.of(v, rho * Products.squaredNorm(v), 0);
    }

    /** s_l = (T⁺1)_l Θ_l⁻¹q, which solves the system only if q is in the range of every Θ_l that takes part. */
    private Direction undamped(FisherRoot root, INDArray q) {
        int layers = root.layers().size();
        double[] weights = TriDiagonalOnes.pseudoInverseRowSums(layers);
        INDArray column = DualSystem.stack(q);
        INDArray v = DualSystem.zeros(root, q.dataType());
        double jitter = 0;
        double residual = 0;
        for (int l = 0; l < layers; l++) {
            if (weights[l] == 0) {
                continue;
            }
            LayerJacobian layer = root.layers().get(l);
            DualSystem dual = layerWise.duals().get(l);
            Cholesky factor = dual.factorize(0);
            INDArray s = factor.solve(column);
            residual = Math.max(
                    residual, dual.gram().mmul(s).subi(column).norm2Number().doubleValue());
            layer.block()
                    .write(
                            layer.transposeTimes(DualSystem.unstack(s.muli(weights[l]), q))
                                    .divi(root.samples()),
                            v);
            jitter = Math.max(jitter, factor.jitter());
        }
        double relative = residual / Math.max(column.norm2Number().doubleValue(), Double.MIN_NORMAL);
        String note = relative > LARGEST_RESIDUAL
                ? "no undamped solution, residual " + relative + "; use a damping above zero"
                : "";
        return new Direction(v, 0, jitter, false, note);
    }

    @Override
    public INDArray toDense() {
        FisherRoot root = observed();
        if (isExact(root)) {
            return exact.toDense();
        }
        INDArray dense = DenseForm.zeros(root);
        int layers = root.layers().size();
        for (int l = 0; l < layers; l++) {
            for (int m = Math.max(0, l - 1); m <= Math.min(layers - 1, l + 1); m++) {
                LayerJacobian row = root.layers().get(l);
                LayerJacobian column = root.layers().get(m);
                DenseForm.put(
                        dense,
                        row,
                        column,
                        row.toDense().transpose().mmul(column.toDense()).divi(root.samples()));
            }
        }
        return dense;
    }

    @Override
    public void close() {
        root = null;
        layerWise.close();
        exact.close();
    }
}
