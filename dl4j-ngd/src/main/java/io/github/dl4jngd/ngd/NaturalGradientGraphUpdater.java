package io.github.dl4jngd.ngd;

import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link NaturalGradientUpdater} for a graph. */
final class NaturalGradientGraphUpdater extends ComputationGraphUpdater implements PreconditionedUpdater {

    private static final long serialVersionUID = 1L;

    /** Null while the super constructor runs; never serialised. */
    private final transient PreconditionedStep step;

    NaturalGradientGraphUpdater(ComputationGraph network, INDArray state, Preconditioner preconditioner) {
        super(network, state);
        this.step = new PreconditionedStep(preconditioner, this::getStateViewArray);
    }

    @Override
    public PreconditionedStep step() {
        return step;
    }

    @Override
    public synchronized void update(
            Gradient gradient, int iteration, int epoch, int batchSize, LayerWorkspaceMgr workspaceMgr) {
        step.update(
                gradient,
                iteration,
                epoch,
                batchSize,
                isMiniBatch(),
                () -> super.update(gradient, iteration, epoch, batchSize, workspaceMgr));
    }

    @Override
    protected void divideByMinibatch(boolean isExternal, Gradient gradient, int batchSize) {
        super.divideByMinibatch(isExternal, gradient, batchSize);
        step.afterDivision(gradient);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
