package io.github.dl4jngd.fisher.network.shard;

import io.github.dl4jngd.fisher.curvature.FisherOperator;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.SampleSums;
import io.github.dl4jngd.fisher.curvature.TangentSums;
import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.network.Targets;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * A compiled network whose parameters are an argument: {@link #sum} is a pure function of a shard, θ, a direction and a
 * task. Several threads may call it.
 *
 * <p>Samples of different shards never meet. A batch normalisation that is linearised with constant batch statistics
 * has those of the shard, and the gradient is that of the network with the shard's batch statistics, their derivatives
 * included (ghost batches); with running statistics both are of the network as at test time, and the running statistics
 * stay what they are.
 */
public final class ShardNetwork {

    private final LinearizedNetwork network;
    /** What the gradient is of: the same, but for the derivatives of batch statistics. */
    private final LinearizedNetwork trained;

    private ShardNetwork(LinearizedNetwork network, LinearizedNetwork trained) {
        this.network = network;
        this.trained = trained;
    }

    /**
     * Compiles a model.
     *
     * @param model an initialised {@link MultiLayerNetwork} or {@link ComputationGraph}
     * @param statistics what batch normalisations are linearised as, constant or running
     * @return the network
     * @throws UnsupportedModelException if it has something whose sums over shards are not those over all samples,
     *     naming it and what to use instead
     */
    public static ShardNetwork of(Model model, BatchStatistics statistics) {
        LinearizedNetwork network = compile(model, statistics);
        if (network.couplesSamples()) {
            throw new UnsupportedModelException(
                    "A batch normalisation with batch statistics couples the samples of a minibatch, which lie in several shards. "
                            + "Use batchStatistics(CONSTANT), which takes each shard's own (ghost batches), or batchStatistics(RUNNING)");
        }
        if (network.isNoisy()) {
            throw new UnsupportedModelException(
                    "The model draws dropout or weight noise, whose draws belong to one machine's pass. Set dropout to 0 and use "
                            + "weight decay, or train on one machine with NaturalGradient.attach");
        }
        boolean ghosts = network.isNormalized() && statistics == BatchStatistics.CONSTANT;
        return new ShardNetwork(network, ghosts ? compile(model, BatchStatistics.COUPLED) : network);
    }

    /**
     * Compiles a configuration, for a process that has no model.
     *
     * @param json as DL4J writes it
     * @param graph whether it is a {@link ComputationGraph}'s
     * @param statistics what batch normalisations are linearised as
     * @return the network
     */
    public static ShardNetwork of(String json, boolean graph, BatchStatistics statistics) {
        if (graph) {
            ComputationGraph model = new ComputationGraph(ComputationGraphConfiguration.fromJson(json));
            model.init();
            return of(model, statistics);
        }
        MultiLayerNetwork model = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(json));
        model.init();
        return of(model, statistics);
    }

    private static LinearizedNetwork compile(Model model, BatchStatistics statistics) {
        if (model instanceof MultiLayerNetwork network) {
            return LinearizedNetwork.of(network, statistics);
        }
        if (model instanceof ComputationGraph graph) {
            return LinearizedNetwork.of(graph, statistics);
        }
        throw new UnsupportedModelException("The model is a " + model.getClass().getName()
                + "; a MultiLayerNetwork or a ComputationGraph is needed");
    }

    /**
     * The compiled network.
     *
     * @return it, with the batch statistics of the curvature
     */
    public LinearizedNetwork network() {
        return network;
    }

    /**
     * Sums over a shard's samples. Costs a forward pass; a backward pass each for gradient, factors and moments; a jvp
     * and a vjp for a product; a jvp for the numbers along a direction.
     *
     * @param shard the samples
     * @param parameters θ, [P]; not modified
     * @param direction v, [P]; null where the task needs none
     * @param task what to sum
     * @return the sums; of samples that are not finite their fault alone
     */
    @SuppressWarnings("try") // the scope is a resource that is never named
    public SampleSums sum(Shard shard, INDArray parameters, @Nullable INDArray direction, ShardTask task) {
        SampleSums.Builder sums = SampleSums.of(shard.samples());
        if (fault(shard, "input", shard.inputs(), sums) || fault(shard, "labels", shard.labels(), sums)) {
            return sums.build();
        }
        try (Scratch ignored = Scratch.open()) {
            DataType type = parameters.dataType();
            List<INDArray> inputs =
                    shard.inputs().stream().map(own -> own.castTo(type)).toList();
            List<INDArray> labels =
                    shard.labels().stream().map(own -> own.castTo(type)).toList();
            Linearization at = network.at(inputs, parameters);
            Targets compared = network.targets(labels, List.of());
            OutputMetric metric = compared.loss().at(at.outputs());
            if (task.sumsLoss()) {
                sums.with(SampleSums.LOSS, metric.meanLoss(compared.labels()) * shard.samples());
            }
            if (task.sumsGradient()) {
                addGradient(at, metric, compared, inputs, parameters, sums);
            }
            if (task.sumsFactors()) {
                addFactors(at, metric, compared, shard.index(), task, sums);
            }
            if (task.sumsProduct()) {
                FisherOperator fisher = FisherOperator.weighted(at, metric::times);
                sums.with(SampleSums.PRODUCT, fisher.times(required(direction)));
            }
            if (task.sumsTangent()) {
                TangentSums.of(at.jvp(required(direction)), metric, compared.labels())
                        .addTo(sums);
            }
            return sums.build();
        }
    }

    /** Notes numbers that are not finite, and says whether there are any. */
    private static boolean fault(Shard shard, String what, List<INDArray> arrays, SampleSums.Builder sums) {
        for (INDArray array : arrays) {
            long broken = array.dataType().isFPType()
                    ? Nd4j.getExecutioner()
                            .exec(new MatchCondition(array, Conditions.notFinite()))
                            .getLong(0)
                    : 0;
            if (broken > 0) {
                sums.fault(broken + " of the " + array.length() + " numbers of the " + what + " of shard "
                        + shard.index() + " are NaN or infinite");
                return true;
            }
        }
        return false;
    }

    private void addGradient(
            Linearization at,
            OutputMetric metric,
            Targets compared,
            List<INDArray> inputs,
            INDArray parameters,
            SampleSums.Builder sums) {
        INDArray residual = metric.residual(compared.labels());
        if (trained == network) {
            sums.with(SampleSums.GRADIENT, at.vjp(residual));
            return;
        }
        // at the same outputs, because constants have the same values
        Linearization ghosts = trained.at(inputs, parameters);
        INDArray gradient = ghosts.vjp(residual);
        INDArray statistics = Nd4j.create(gradient.dataType(), gradient.length());
        ghosts.writeStatistics(statistics);
        sums.with(
                SampleSums.GRADIENT, gradient.addi(statistics.muli(inputs.get(0).size(0))));
    }

    private static void addFactors(
            Linearization at,
            OutputMetric metric,
            Targets compared,
            int shard,
            ShardTask task,
            SampleSums.Builder sums) {
        DrawnLabels drawn = task.labels();
        OutputRoot columns = OutputRoot.of(drawn.type(), metric, compared.labels(), drawn.draws(), drawn.of(shard));
        FisherRoot root = at.fisherRoot(columns, RootOptions.factored(task.scaling()));
        if (task.sumsMoments()) {
            KroneckerFisher.addSecondMoments(root, task.bases(), sums);
        } else {
            KroneckerFisher.addFactors(root, task.options(), sums);
        }
    }

    private static INDArray required(@Nullable INDArray direction) {
        return Objects.requireNonNull(direction, "the task needs a direction");
    }
}
