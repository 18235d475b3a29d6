package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.jacobian.DenseJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What K-FAC keeps of one layer across steps: averaged factors and their damped inverses. */
interface FactoredBlock {

    ParameterBlock parameters();

    /** What is averaged, of one minibatch: means over its samples, in the order of {@link #means()}. */
    List<INDArray> statistics(LayerJacobian layer, long samples);

    /** The shapes of {@link #statistics}. */
    default List<long[]> statisticShapes() {
        return meanShapes();
    }

    /**
     * Averages such means in.
     *
     * @param statistics they may be written to
     */
    void observe(List<INDArray> statistics);

    /** Averages in a minibatch. */
    default void observe(LayerJacobian layer, long samples) {
        observe(statistics(layer, samples));
    }

    /** Takes in what has been observed, where that was put off. */
    default void settle() {}

    /** Inverts the averaged factors as they are now; may run on another thread, while others are observed. */
    Inversion inversion(Damping damping);

    /** Inverts the averaged factors. */
    default void refresh(Damping damping) {
        adopt(inversion(damping).compute());
    }

    /** An inversion that has its own copy of what it inverts. */
    @FunctionalInterface
    interface Inversion {
        Inverses compute();
    }

    /** Damped inverses, in a block's own order, and the jitter that their factorisations needed. */
    record Inverses(List<INDArray> matrices, double jitter) {}

    /** Uses these inverses from now on. */
    void adopt(Inverses inverses);

    boolean isInverted();

    /** The inverses in use; of a block that has some. */
    Inverses inverses();

    /** The means without bias correction; of a block that has observed something. */
    List<INDArray> means();

    /** The shapes of {@link #means()}. */
    List<long[]> meanShapes();

    /** The shapes of {@link #inverses()}. */
    default List<long[]> inverseShapes() {
        return meanShapes();
    }

    /** The weight 1 − βᵗ of the means. */
    double weight();

    /**
     * Becomes what a block was.
     *
     * @param means in the order and with the shapes of {@link #means()}
     * @param weight their weight
     * @param inverses in use then; null if there were none
     */
    void restore(List<INDArray> means, double weight, @Nullable Inverses inverses);

    /** The jitter that the last factorisations needed. */
    double jitter();

    /** The block's ρ, an absolute number, of a damping that may be relative. */
    double damping(Damping damping);

    /**
     * (F̂_l + ρI)⁻¹ M, with the inverses of the last refresh.
     *
     * @param matrix M, [inputs, units]
     * @param damping ρ of blocks whose inverses do not contain it
     */
    INDArray solve(INDArray matrix, Damping damping);

    /**
     * Whether a solution is cheaper from the rows of N samples than from the gradient they add up to, and by how many
     * multiplications.
     *
     * @return what is saved; negative where the gradient is the better way, or the only one
     */
    long savedByRows(long samples);

    /**
     * (F̂_l + ρI)⁻¹ Σ_n ã_n ⊗ δ_n times a factor, with the inverses of the last refresh, into its place.
     *
     * @param rows ã and δ, one cotangent
     * @param flat [P]; modified where the block lies
     */
    void solve(DenseJacobian rows, double factor, INDArray flat);

    /** (F̂_l + ρI)⁻¹ J̃_lᵀq/N, [inputs, units], from the layer's own factors at this minibatch, in float64. */
    INDArray naturalGradient(LayerJacobian layer, INDArray residual, long samples, Damping damping);

    /** F̂_l M, undamped. */
    INDArray multiply(INDArray matrix);
}
