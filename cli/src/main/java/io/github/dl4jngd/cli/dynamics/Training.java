package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.StepDiagnostics;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The measured curve: a Deeplearning4j model with {@code Sgd} and a natural gradient attached, trained by {@code fit}
 * on the whole training set as one minibatch.
 */
final class Training {

    private final List<Losses> losses = new ArrayList<>();
    private final List<Double> stepSizes = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private double alpha = Double.NaN;
    private double anisotropy = Double.NaN;
    private double seconds;

    private Training() {}

    /**
     * Trains a network along a plan.
     *
     * @param descentRate the learning rate of plain gradient descent on Deeplearning4j's L2
     */
    static Training of(Problem problem, Plan plan, double descentRate) {
        Training training = new Training();
        boolean natural = plan.method().isNatural();
        double rate = natural ? plan.learningRate() : descentRate;
        MultiLayerNetwork model = problem.network().build(new Sgd(rate), problem.initial());
        LinearizedNetwork network = LinearizedNetwork.of(model);
        training.losses.add(losses(problem, network));
        NaturalGradient ngd = natural
                ? NaturalGradient.attach(
                        model,
                        plan.method().configuration(plan.dampingOfModel(), plan.scaling(), problem.coordinates()))
                : null;
        for (int step = 0; step < plan.steps(); step++) {
            long start = System.nanoTime();
            model.fit(new DataSet(problem.input(), problem.labels()));
            training.seconds += (System.nanoTime() - start) / 1e9;
            training.losses.add(losses(problem, network));
            if (ngd == null) {
                training.stepSizes.add(rate);
            } else {
                training.record(ngd.lastDiagnostics().orElseThrow(), rate, step);
            }
        }
        return training;
    }

    private void record(StepDiagnostics diagnostics, double rate, int step) {
        if (step == 0) {
            alpha = diagnostics.alpha();
            anisotropy = diagnostics.anisotropy();
        }
        stepSizes.add(rate * diagnostics.step());
        if (diagnostics.jitter() > 0) {
            notes.add(String.format(
                    java.util.Locale.ROOT,
                    "step %d: a factorisation needed %.1e on its diagonal beyond the damping",
                    step + 1,
                    diagnostics.jitter()));
        }
        if (!diagnostics.note().isEmpty()) {
            notes.add("step " + (step + 1) + ": " + diagnostics.note());
        }
    }

    private static Losses losses(Problem problem, LinearizedNetwork network) {
        return problem.losses(
                network.at(problem.input()).outputs(),
                network.at(problem.testInput()).outputs());
    }

    List<Double> stepSizes() {
        return stepSizes;
    }

    Curve curve(Plan plan, List<Losses> predicted, List<Losses> limit) {
        return new Curve(plan, losses, predicted, limit, stepSizes, alpha, anisotropy, seconds, notes);
    }
}
