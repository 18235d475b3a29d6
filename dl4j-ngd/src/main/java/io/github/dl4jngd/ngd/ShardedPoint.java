package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.SampleSums;
import io.github.dl4jngd.fisher.curvature.TangentSums;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import io.github.dl4jngd.fisher.network.shard.DrawnLabels;
import io.github.dl4jngd.fisher.network.shard.ShardSums;
import io.github.dl4jngd.fisher.network.shard.ShardTask;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step's minibatch that lies in shards: known by its sums. The gradient and, where they are due, the Kronecker
 * factors come from one pass; the model along a direction from another.
 */
final class ShardedPoint implements StepPoint {

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final ShardSums shards;
    private final DrawnLabels labels;
    private final SampleSums sums;

    private ShardedPoint(
            NaturalGradientConfiguration configuration,
            LinearizedNetwork network,
            ShardSums shards,
            DrawnLabels labels,
            SampleSums sums) {
        this.configuration = configuration;
        this.network = network;
        this.shards = shards;
        this.labels = labels;
        this.sums = sums;
    }

    /**
     * Sums at the network's present parameters.
     *
     * @param iteration the step, from which labels of a Monte-Carlo Fisher are drawn
     * @param withFactors whether the step updates averaged factors
     */
    static ShardedPoint of(
            NaturalGradientConfiguration configuration,
            LinearizedNetwork network,
            ShardSums shards,
            int iteration,
            boolean withFactors) {
        DrawnLabels labels = new DrawnLabels(
                configuration.fisherType(), configuration.monteCarloDraws(), configuration.seed(), iteration);
        ShardTask task = ShardTask.gradient();
        if (withFactors && configuration instanceof KroneckerConfiguration own) {
            task = task.withFactors(own.factorOptions(), labels, configuration.parameterization());
        }
        SampleSums sums = shards.sum(task, network.parameters(), null);
        return new ShardedPoint(configuration, network, shards, labels, sums);
    }

    /** What speaks against the samples, naming the shard; nothing else is known then. */
    List<String> faults() {
        return sums.faults();
    }

    /**
     * Writes the mean gradient, and what running statistics are to be changed by.
     *
     * @param into [P]; zeros where samples have faults
     */
    void writeGradient(INDArray into) {
        if (sums.faults().isEmpty()) {
            into.assign(sums.vector(SampleSums.GRADIENT).divi(sums.samples()));
        } else {
            into.assign(0);
        }
    }

    @Override
    public long batchSize() {
        return sums.samples();
    }

    @Override
    public int samples() {
        return Math.toIntExact(sums.samples());
    }

    @Override
    public double loss() {
        return sums.faults().isEmpty() ? sums.meanLoss() : Double.NaN;
    }

    @Override
    public boolean isLinearized() {
        return true;
    }

    /** Where the samples lie it is, whenever it is asked. */
    @Override
    public void linearize() {}

    @Override
    public boolean hasWholeGradient() {
        return true;
    }

    @Override
    public boolean matchesTraining() {
        return network.matchesTraining();
    }

    @Override
    public boolean hasRows() {
        return false;
    }

    @Override
    public List<LayerJacobian> gradientRows() {
        throw new IllegalStateException("The rows of a gradient over shards are not at hand");
    }

    /** The rows are never brought together. */
    @Override
    public MemoryEstimate memoryEstimate() {
        return new MemoryEstimate(0, 0, network.parameters().dataType().width());
    }

    @Override
    public int outputRank() {
        throw new IllegalStateException("The rank of the metric is not at hand where samples lie in shards");
    }

    @Override
    public FisherRoot fisherRoot(Random random) {
        throw apart();
    }

    @Override
    public FisherRoot factoredFisherRoot(Random random) {
        throw apart();
    }

    private MemoryLimitException apart() {
        return new MemoryLimitException("The rows of the Jacobian lie in " + shards.shards() + " shards");
    }

    @Override
    public void observe(KroneckerFisher factors, Random random) {
        KroneckerFisher.Options options = ((KroneckerConfiguration) configuration).factorOptions();
        factors.observe(
                network.blocks(),
                sums,
                (Map<String, List<INDArray>> bases) -> shards.sum(
                        ShardTask.secondMoments(bases, options, labels, configuration.parameterization()),
                        network.parameters(),
                        null));
    }

    @Override
    public SymmetricOperator fisher() {
        return SymmetricOperator.of(
                network.parameters().length(), network.parameters().dataType(), v -> shards.sum(
                                ShardTask.product(), network.parameters(), v)
                        .vector(SampleSums.PRODUCT)
                        .divi(sums.samples()));
    }

    @Override
    public INDArray logitGradient() {
        return sums.vector(SampleSums.GRADIENT).divi(sums.samples());
    }

    @Override
    public QuadraticModel quadratic(INDArray gradient, INDArray v, Direction direction, boolean fromLogits) {
        TangentSums along = TangentSums.of(shards.sum(ShardTask.tangent(), network.parameters(), v));
        double slope = fromLogits ? along.slope() / sums.samples() : Products.dot(gradient, v);
        return QuadraticModel.of(along, sums.samples(), slope, direction.dampingQuadratic());
    }
}
