package io.github.dl4jngd.ngd;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/**
 * Looks, when a gradient has been computed and the updater is next, whether the model still has its natural gradient.
 */
final class AttachmentGuard extends BaseTrainingListener implements FusedPass.IgnoresGradients {

    private final NaturalGradient guarded;

    AttachmentGuard(NaturalGradient guarded) {
        this.guarded = guarded;
    }

    NaturalGradient guarded() {
        return guarded;
    }

    @Override
    public void onGradientCalculation(Model model) {
        guarded.beforeUpdate(model);
    }
}
