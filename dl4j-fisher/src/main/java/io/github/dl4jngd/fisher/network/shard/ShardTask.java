package io.github.dl4jngd.fisher.network.shard;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.PlainArray;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is to be summed over the samples of a shard. It travels to where they lie, without any of ND4J's arrays.
 *
 * @serial exclude
 */
public final class ShardTask implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean loss;
    private final boolean gradient;
    private final boolean product;
    private final boolean tangent;
    private final @Nullable Factors factors;

    /** What factors are of. */
    private static final class Factors implements Serializable {

        @Serial
        private static final long serialVersionUID = 1L;

        private final KroneckerFisher.Options options;
        private final DrawnLabels labels;
        private final double weightVariance;
        private final double biasVariance;
        /** The bases of E-KFAC's second moments; null where the factors are meant. */
        private final @Nullable TreeMap<String, ArrayList<PlainArray>> bases;

        Factors(
                KroneckerFisher.Options options,
                DrawnLabels labels,
                Parameterization scaling,
                @Nullable Map<String, List<PlainArray>> bases) {
            this.options = options;
            this.labels = labels;
            this.weightVariance = scaling.weightVariance();
            this.biasVariance = scaling.biasVariance();
            this.bases = bases == null ? null : copied(bases);
        }
    }

    private static TreeMap<String, ArrayList<PlainArray>> copied(Map<String, List<PlainArray>> bases) {
        TreeMap<String, ArrayList<PlainArray>> copy = new TreeMap<>();
        bases.forEach((name, own) -> copy.put(name, new ArrayList<>(own)));
        return copy;
    }

    private ShardTask(boolean loss, boolean gradient, boolean product, boolean tangent, @Nullable Factors factors) {
        this.loss = loss;
        this.gradient = gradient;
        this.product = product;
        this.tangent = tangent;
        this.factors = factors;
    }

    /**
     * The sum of the losses.
     *
     * @return the task
     */
    public static ShardTask loss() {
        return new ShardTask(true, false, false, false, null);
    }

    /**
     * The sum of the losses and of their gradients.
     *
     * @return the task
     */
    public static ShardTask gradient() {
        return new ShardTask(true, true, false, false, null);
    }

    /**
     * Kronecker factors as well.
     *
     * @param options how they are made
     * @param labels of which Fisher
     * @param scaling the coordinates
     * @return the task
     */
    public ShardTask withFactors(KroneckerFisher.Options options, DrawnLabels labels, Parameterization scaling) {
        return new ShardTask(loss, gradient, product, tangent, new Factors(options, labels, scaling, null));
    }

    /**
     * E-KFAC's second moments.
     *
     * @param bases by the block's name
     * @param options how the factors were made
     * @param labels of which Fisher: the same as those of the factors
     * @param scaling the coordinates
     * @return the task
     */
    public static ShardTask secondMoments(
            Map<String, List<INDArray>> bases,
            KroneckerFisher.Options options,
            DrawnLabels labels,
            Parameterization scaling) {
        Map<String, List<PlainArray>> plain = new TreeMap<>();
        bases.forEach(
                (name, own) -> plain.put(name, own.stream().map(PlainArray::of).toList()));
        return new ShardTask(false, false, false, false, new Factors(options, labels, scaling, plain));
    }

    /**
     * The product with Σ JᵀHJ.
     *
     * @return the task; it needs a direction
     */
    public static ShardTask product() {
        return new ShardTask(false, false, true, false, null);
    }

    /**
     * The numbers of a quadratic model along a direction.
     *
     * @return the task; it needs a direction
     */
    public static ShardTask tangent() {
        return new ShardTask(false, false, false, true, null);
    }

    boolean sumsLoss() {
        return loss;
    }

    boolean sumsGradient() {
        return gradient;
    }

    boolean sumsProduct() {
        return product;
    }

    boolean sumsTangent() {
        return tangent;
    }

    /** Whether rows of J̃ are needed. */
    boolean sumsFactors() {
        return factors != null;
    }

    private Factors factors() {
        Factors own = factors;
        if (own == null) {
            throw new IllegalStateException("The task has no factors");
        }
        return own;
    }

    KroneckerFisher.Options options() {
        return factors().options;
    }

    DrawnLabels labels() {
        return factors().labels;
    }

    Parameterization scaling() {
        return new Parameterization(factors().weightVariance, factors().biasVariance);
    }

    /** The bases of second moments; empty where the factors are meant. */
    Map<String, List<INDArray>> bases() {
        Map<String, List<INDArray>> arrays = new TreeMap<>();
        TreeMap<String, ArrayList<PlainArray>> own = factors().bases;
        if (own != null) {
            own.forEach((name, plain) ->
                    arrays.put(name, plain.stream().map(PlainArray::toArray).toList()));
        }
        return arrays;
    }

    boolean sumsMoments() {
        return factors != null && factors.bases != null;
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (gradient) {
            parts.add("loss and gradient");
        } else if (loss) {
            parts.add("loss");
        }
        if (sumsFactors()) {
            parts.add(sumsMoments() ? "second moments" : "factors");
        }
        if (product) {
            parts.add("F v");
        }
        if (tangent) {
            parts.add("the model along v");
        }
        return String.join(", ", parts);
    }
}
