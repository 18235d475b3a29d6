package io.github.dl4jngd.ngd;

import java.util.Collection;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.solvers.StochasticGradientDescent;
import org.deeplearning4j.optimize.stepfunctions.StepFunctions;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's gradient descent with the forward and backward pass of the natural gradient, where there is one.
 *
 * <p>Everything else of a step is DL4J's, and in its order: score and gradient, {@code onBackwardPass},
 * {@code onGradientCalculation}, updater, parameters, {@code iterationDone}, constraints.
 */
final class FusedDescent extends StochasticGradientDescent {

    private static final long serialVersionUID = 1L;

    private final transient Preconditioner preconditioner;

    FusedDescent(
            NeuralNetConfiguration configuration,
            Collection<TrainingListener> listeners,
            Model model,
            Preconditioner preconditioner) {
        super(configuration, StepFunctions.createStepFunction(configuration.getStepFunction()), listeners, model);
        this.preconditioner = preconditioner;
    }

    @Override
    public Pair<Gradient, Double> gradientAndScore(LayerWorkspaceMgr workspaceMgr) {
        try (FusedPass.Step step = preconditioner.fused().begin(trainingListeners)) {
            return step.isTaken() ? updated(workspaceMgr) : super.gradientAndScore(workspaceMgr);
        }
    }

    /** What comes after the pass: listeners and updater, outside of its workspace, as ever. */
    @SuppressWarnings("try") // the scope is a resource that is never named
    private Pair<Gradient, Double> updated(LayerWorkspaceMgr workspaceMgr) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            for (TrainingListener listener : trainingListeners) {
                listener.onBackwardPass(model);
            }
            for (TrainingListener listener : trainingListeners) {
                listener.onGradientCalculation(model);
            }
            oldScore = score;
            Pair<Gradient, Double> pair = model.gradientAndScore();
            score = pair.getSecond();
            updateGradientAccordingToParams(pair.getFirst(), model, model.batchSize(), workspaceMgr);
            return pair;
        }
    }
}
