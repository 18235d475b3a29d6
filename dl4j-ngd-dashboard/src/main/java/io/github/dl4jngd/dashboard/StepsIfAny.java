package io.github.dl4jngd.dashboard;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.spectral.listener.IsotropyListener;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/** Reads the steps of a natural gradient where there is one, and says nothing where there is none. */
final class StepsIfAny extends BaseTrainingListener implements AutoCloseable {

    private final IsotropyListener steps;

    StepsIfAny(IsotropyListener steps) {
        this.steps = steps;
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        if (LiveModel.of(model).lastStep().isPresent()) {
            steps.iterationDone(model, iteration, epoch);
        }
    }

    @Override
    public void onEpochEnd(Model model) {
        steps.onEpochEnd(model);
    }

    @Override
    public void close() {
        steps.close();
    }
}
