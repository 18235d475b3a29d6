package io.github.dl4jngd.zoo;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** K-FAC with its defaults on one minibatch. */
final class Training {

    private Training() {}

    static Outcome of(NeuralNetwork network, DataSet batch, int steps) {
        Model model = (Model) network;
        try {
            attach(model);
        } catch (RuntimeException e) {
            return Outcome.failed("refused", e.getMessage());
        }
        double first = Double.NaN;
        double last = Double.NaN;
        try {
            for (int step = 0; step <= steps; step++) {
                // the score is of the parameters before the step
                network.fit(batch);
                last = model.score();
                first = step == 0 ? last : first;
            }
        } catch (RuntimeException e) {
            return Outcome.failed("fails while training", first + " → " + last + ": " + e.getMessage());
        }
        String losses = String.format(Locale.ROOT, "%.4g → %.4g", first, last);
        return last < first
                ? new Outcome("trained, loss lower", true, true, losses)
                : Outcome.failed("loss not lower", losses);
    }

    private static void attach(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            NaturalGradient.attach(network, Kfac.defaults(), new Sgd(1.0));
        } else {
            NaturalGradient.attach((ComputationGraph) model, Kfac.defaults(), new Sgd(1.0));
        }
    }
}
