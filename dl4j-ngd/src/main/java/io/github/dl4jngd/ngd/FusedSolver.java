package io.github.dl4jngd.ngd;

import java.util.Collection;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.Solver;
import org.deeplearning4j.optimize.api.ConvexOptimizer;
import org.deeplearning4j.optimize.api.TrainingListener;

/** What DL4J's models call to make a step, with a {@link FusedDescent}. */
final class FusedSolver extends Solver {

    private final FusedDescent descent;

    FusedSolver(FusedDescent descent) {
        this.descent = descent;
    }

    @Override
    public void optimize(LayerWorkspaceMgr workspaceMgr) {
        descent.optimize(workspaceMgr);
    }

    @Override
    public void initOptimizer() {
        // it is there
    }

    @Override
    public ConvexOptimizer getOptimizer() {
        return descent;
    }

    @Override
    public void setListeners(Collection<TrainingListener> listeners) {
        descent.setListeners(listeners);
    }
}
