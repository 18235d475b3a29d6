package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.shard.Shard;
import io.github.dl4jngd.fisher.network.shard.ShardNetwork;
import io.github.dl4jngd.fisher.network.shard.ShardSums;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A natural gradient whose minibatches lie in shards, on this machine or on others, and are known by their sums: the
 * loss, the gradient, Kronecker factors, products with F.
 *
 * <pre>{@code
 * ShardedNaturalGradient ngd = ShardedNaturalGradient.attach(net, Kfac.defaults());
 * ngd.step(new LocalShards(ngd.shardNetwork(), LocalShards.cut(data, 512)));
 * }</pre>
 *
 * <p>Everything but the sums is the step of {@link NaturalGradient}: updaters with their schedules, listeners,
 * {@link CheckpointListener}, damping and its guard, policies for failures. The model is shown one example in DL4J's
 * {@code fit}, so listeners that look at a step's input see a minibatch of one sample; score and gradient are those of
 * all shards. Labels of a Monte-Carlo Fisher are drawn from (seed, iteration, shard).
 *
 * <p>K-FAC and E-KFAC are the methods, with averaged factors; the exact and the layer-wise method are solved by
 * conjugate gradients, with the true Fisher. A step of K-FAC takes one sum over the shards, one more where its length
 * is measured; E-KFAC one more where factors are updated; conjugate gradients one an iteration.
 *
 * <p>Batch normalisations with {@code batchStatistics(CONSTANT)} have the statistics of their shard (ghost batches),
 * and running statistics follow the mean over shards. Not thread-safe, like the model itself.
 */
public final class ShardedNaturalGradient implements AutoCloseable {

    private final NaturalGradient attached;
    private final ShardNetwork network;

    private ShardedNaturalGradient(NaturalGradient attached, ShardNetwork network) {
        this.attached = attached;
        this.network = network;
    }

    /**
     * Puts a natural gradient over shards in front of a model's updaters.
     *
     * @param model an initialised {@link MultiLayerNetwork} or {@link ComputationGraph}
     * @param configuration K-FAC or E-KFAC with averaged factors; the exact or layer-wise method with the true Fisher,
     *     an absolute damping above zero and no analytic scaling
     * @return the attached natural gradient
     * @throws UnsupportedModelException if model or configuration have something whose sums over shards are not those
     *     over all samples, naming it and what to use instead; the model is unchanged
     */
    public static ShardedNaturalGradient attach(Model model, NaturalGradientConfiguration configuration) {
        check(configuration);
        ShardNetwork network = ShardNetwork.of(model, configuration.batchStatistics());
        UpdaterSlot slot = UpdaterSlot.of(model);
        TrainingRequirements.check(slot, network.network(), configuration);
        requireMeanGradient(slot);
        NaturalGradient attached = model instanceof MultiLayerNetwork multiLayer
                ? NaturalGradient.attach(multiLayer, configuration)
                : NaturalGradient.attach((ComputationGraph) model, configuration);
        return of(attached, network);
    }

    /**
     * Goes on from a checkpoint, of a natural gradient over shards or of one on one machine.
     *
     * @param file what {@link NaturalGradient#save} wrote
     * @return the natural gradient, attached to a new model, which is as it was
     * @throws UnsupportedModelException as in {@link #attach}
     * @throws CheckpointException if the file is no checkpoint, damaged, or of another version
     * @throws IOException when reading fails
     */
    public static ShardedNaturalGradient restore(Path file) throws IOException {
        NaturalGradient attached = NaturalGradient.restore(file);
        try {
            check(attached.configuration());
            requireMeanGradient(UpdaterSlot.of(attached.model()));
            return of(
                    attached,
                    ShardNetwork.of(attached.model(), attached.configuration().batchStatistics()));
        } catch (RuntimeException e) {
            attached.close();
            throw e;
        }
    }

    private static ShardedNaturalGradient of(NaturalGradient attached, ShardNetwork network) {
        attached.takeShards();
        return new ShardedNaturalGradient(attached, network);
    }

    private static void requireMeanGradient(UpdaterSlot slot) {
        if (!slot.live().isMeanGradient()) {
            throw new UnsupportedModelException(
                    "The model's gradient is a sum over the minibatch (miniBatch(false)); over shards it is the mean. Use "
                            + "miniBatch(true) with a rate that is N times as large");
        }
    }

    private static void check(NaturalGradientConfiguration configuration) {
        String method = configuration.methodName();
        if (configuration.adaptiveDamping().isPresent()) {
            throw new UnsupportedModelException(
                    "Adaptive damping keeps a minibatch to compare the step with, which over shards is not at hand; use a "
                            + "constant damping or a damping schedule");
        }
        if (configuration.gradientRegularization().isPresent()) {
            throw new UnsupportedModelException(
                    "A regularised gradient is made of one minibatch, which over shards is not at hand; train without "
                            + "gradientRegularization");
        }
        if (configuration instanceof KroneckerConfiguration own) {
            if (own.isDefinition()) {
                throw new UnsupportedModelException("The definition of " + method
                        + " is solved from one minibatch's rows, which lie in several shards; use a factor decay above 0 or an "
                        + "interval above 1");
            }
            if (own.factorSamples() < KroneckerFisher.Options.UNLIMITED) {
                throw new UnsupportedModelException(
                        "factorSamples takes the first samples of a minibatch, which lie in several shards; use a longer "
                                + "factorInterval");
            }
            return;
        }
        Method own = Method.of(configuration);
        if (own != Method.EXACT && own != Method.LAYER_WISE) {
            throw new UnsupportedModelException("The " + method
                    + " method is solved from the rows of the Jacobian, which lie in several shards; use kfac or ekfac, or exact "
                    + "or layer-wise, which conjugate gradients solve");
        }
        if (configuration.fisherType() != FisherType.TRUE
                || configuration.stepScaling() == StepScaling.ANALYTIC
                || configuration.damping().relative()
                || (configuration.damping().value() == 0
                        && configuration.dampingSchedule().isEmpty())) {
            throw new UnsupportedModelException("Over shards the " + method
                    + " method is solved by conjugate gradients, which need the true Fisher, a damping above zero that is not "
                    + "relative, and a scaling that is not analytic");
        }
    }

    /**
     * Makes one step with the samples of all these shards.
     *
     * @param minibatch the shards; their sums must be of {@link #shardNetwork()}, or of the same network elsewhere
     * @throws NaturalGradientException if training is to stop, for example because a shard has a NaN, which it names
     */
    public void step(ShardSums minibatch) {
        Shard example = minibatch.example();
        attached.step(minibatch, () -> {
            if (attached.model() instanceof MultiLayerNetwork model) {
                model.fit(example.inputs().get(0), example.labels().get(0));
            } else {
                ((ComputationGraph) attached.model())
                        .fit(
                                example.inputs().toArray(INDArray[]::new),
                                example.labels().toArray(INDArray[]::new));
            }
        });
    }

    /**
     * The natural gradient, with registration, diagnostics and checkpoints.
     *
     * @return what is attached to the model
     */
    public NaturalGradient naturalGradient() {
        return attached;
    }

    /**
     * The network as it is summed with.
     *
     * @return the compiled network, at whatever parameters it is asked
     */
    public ShardNetwork shardNetwork() {
        return network;
    }

    /** Detaches if that has not been done. */
    @Override
    public void close() {
        attached.close();
    }
}
