package io.github.dl4jngd.spectral.listener;

import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What is known of the stability of one of Deeplearning4j's updaters: its recurrence's rule and, where it divides the
 * gradient by a matrix, the diagonal P⁻¹ in force, from the state that a step leaves. Bias corrections and ε are in
 * P⁻¹, the learning rate is not. Weight decay and penalties are left out.
 *
 * @param name the rule's name
 * @param rule when steps of P⁻¹g are stable
 * @param diagonal P⁻¹ of the state; empty where it is the identity
 * @param description the updater with its momentum, for people
 */
record UpdaterRule(String name, StabilityRule rule, Optional<Diagonal> diagonal, String description) {

    /** P⁻¹ from what an updater keeps, right after the step of an iteration. */
    @FunctionalInterface
    interface Diagonal {

        /** Takes arrays by Deeplearning4j's names, which it does not modify. */
        INDArray inverse(Map<String, INDArray> state, int iteration);
    }

    /** The rule of an updater, or nothing where no boundary is known: one of the user's own. */
    static Optional<UpdaterRule> of(IUpdater updater, int iteration, int epoch) {
        if (updater instanceof Sgd || updater instanceof NoOp) {
            return Optional.of(new UpdaterRule(
                    "gradient descent", StabilityRule.gradientDescent(), Optional.empty(), name(updater)));
        }
        if (updater instanceof Nesterovs nesterovs) {
            double momentum = nesterovs.currentMomentum(iteration, epoch);
            return Optional.of(new UpdaterRule(
                    "Nesterov",
                    StabilityRule.nesterov(momentum),
                    Optional.empty(),
                    name(updater) + "(momentum " + momentum + ")"));
        }
        return averaging(updater).or(() -> dividing(updater));
    }

    /** Adam and its kin: an average of gradients, divided by a running size. */
    private static Optional<UpdaterRule> averaging(IUpdater updater) {
        if (updater instanceof Adam adam) {
            return averaging(
                    updater,
                    adam.getBeta1(),
                    (state, t) -> divided(
                            corrected(adam.getBeta1(), adam.getBeta2(), t),
                            root(state.get("V")).addi(adam.getEpsilon())));
        }
        if (updater instanceof AMSGrad amsGrad) {
            return averaging(
                    updater,
                    amsGrad.getBeta1(),
                    (state, t) -> divided(
                            corrected(amsGrad.getBeta1(), amsGrad.getBeta2(), t),
                            root(state.get("V_HAT")).addi(amsGrad.getEpsilon())));
        }
        if (updater instanceof AdaMax adaMax) {
            return averaging(
                    updater,
                    adaMax.getBeta1(),
                    (state, t) -> divided(
                            1 / (1 - Math.pow(adaMax.getBeta1(), t + 1.0)),
                            state.get("V").dup()));
        }
        if (updater instanceof Nadam nadam) {
            return Optional.of(new UpdaterRule(
                    name(updater),
                    StabilityRule.averagedNesterov(nadam.getBeta1()),
                    Optional.of((state, t) -> divided(
                            1 / (1 - Math.pow(nadam.getBeta1(), t + 1.0)),
                            root(state.get("V")).addi(nadam.getEpsilon()))),
                    name(updater) + "(β₁ " + nadam.getBeta1() + ")"));
        }
        return Optional.empty();
    }

    private static Optional<UpdaterRule> averaging(IUpdater updater, double beta, Diagonal diagonal) {
        return Optional.of(new UpdaterRule(
                name(updater),
                StabilityRule.averagedGradient(beta),
                Optional.of(diagonal),
                name(updater) + "(β₁ " + beta + ")"));
    }

    /** Those that divide the gradient itself. */
    private static Optional<UpdaterRule> dividing(IUpdater updater) {
        Diagonal diagonal;
        if (updater instanceof AdaGrad adaGrad) {
            diagonal = (state, t) -> divided(1, root(state.get("grad")).addi(adaGrad.getEpsilon()));
        } else if (updater instanceof RmsProp rmsProp) {
            diagonal = (state, t) -> divided(1, root(state.get("G")).addi(rmsProp.getEpsilon()));
        } else if (updater instanceof AdaDelta adaDelta) {
            diagonal = (state, t) -> root(state.get("msdx")
                    .add(adaDelta.getEpsilon())
                    .divi(state.get("msg").add(adaDelta.getEpsilon())));
        } else {
            return Optional.empty();
        }
        return Optional.of(
                new UpdaterRule(name(updater), StabilityRule.gradientDescent(), Optional.of(diagonal), name(updater)));
    }

    /** √(1 − β₂ᵗ)/(1 − β₁ᵗ) in the t-th step. */
    private static double corrected(double beta1, double beta2, int iteration) {
        double step = iteration + 1.0;
        return Math.sqrt(1 - Math.pow(beta2, step)) / (1 - Math.pow(beta1, step));
    }

    private static INDArray root(INDArray values) {
        return Transforms.sqrt(values, true);
    }

    /** The divisor is overwritten. */
    private static INDArray divided(double factor, INDArray divisor) {
        return divisor.rdivi(factor);
    }

    /** The updater's own name. */
    static String name(IUpdater updater) {
        return updater.getClass().getSimpleName();
    }
}
