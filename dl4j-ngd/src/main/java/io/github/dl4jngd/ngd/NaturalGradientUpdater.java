package io.github.dl4jngd.ngd;

import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's updater with a preconditioner in front.
 *
 * <p>Within a step DL4J calls {@link #update}; the superclass divides the summed gradient by the minibatch size, then
 * comes the preconditioner, then gradient normalisation, L1/L2, the configured updater and weight decay, as ever. The
 * state array keeps the configured updater's layout.
 */
final class NaturalGradientUpdater extends MultiLayerUpdater implements PreconditionedUpdater {

    private static final long serialVersionUID = 1L;

    /** Null while the super constructor runs; never serialised. */
    private final transient PreconditionedStep step;

    NaturalGradientUpdater(MultiLayerNetwork network, INDArray state, Preconditioner preconditioner) {
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
