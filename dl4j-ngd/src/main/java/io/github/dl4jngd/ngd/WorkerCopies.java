package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The natural gradients of a model's copies that train in threads of their own.
 *
 * <p>A {@code ParallelWrapper} hands the model's listeners to its workers, each with a copy of the model. A copy gets a
 * preconditioner of its own before its first step, and is forgotten with its model.
 */
final class WorkerCopies implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StepLog.NAME);

    private final Queue<WeakReference<Preconditioner>> preconditioners = new ConcurrentLinkedQueue<>();

    /**
     * Puts a natural gradient in front of a copy's updater where it has none; called by the copy's thread.
     *
     * @throws IllegalStateException if the updater is not DL4J's own
     */
    void beforeUpdate(UpdaterSlot copy, NaturalGradientConfiguration configuration) {
        BaseMultiLayerUpdater<?> found = copy.updater();
        if (found instanceof PreconditionedUpdater) {
            return;
        }
        TrainingRequirements.requirePlain(copy, found);
        LinearizedNetwork network = copy.live().compile(configuration.batchStatistics());
        Preconditioner own = new Preconditioner(configuration, network, copy.live());
        preconditioners.removeIf(reference -> reference.get() == null);
        preconditioners.add(new WeakReference<>(own));
        TrainingNoise.record(copy.layers());
        copy.precondition(own, found.getStateViewArray());
        log.info("Attached to a copy of the model that trains with the same listeners");
    }

    @Override
    public void close() {
        preconditioners.stream()
                .map(WeakReference::get)
                .filter(Objects::nonNull)
                .forEach(Preconditioner::close);
    }
}
