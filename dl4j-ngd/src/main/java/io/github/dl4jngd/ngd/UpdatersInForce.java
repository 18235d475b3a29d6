package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * Which of DL4J's updaters take the natural gradient for their gradient, at which rates, and whether that suits it.
 *
 * <p>A scaled step goes to the minimum of a quadratic model, so rates between 0 and 2 make that model fall and a rate
 * far below 1 crawls. Momentum μ adds up 1/(1 − μ) steps. Updaters of Adam's kind divide each component by a running
 * size of it, which undoes what the natural gradient's matrix did.
 */
record UpdatersInForce(List<String> descriptions, List<String> warnings) {

    /** Updaters that rescale what they get; by name, because not every version of ND4J has all of them. */
    private static final Set<String> RESCALING =
            Set.of("Adam", "AdaMax", "AMSGrad", "Nadam", "AdaGrad", "AdaDelta", "AdaBelief", "RmsProp");

    /** A hundredth of the rate that a scaled step is made for. */
    private static final double SLOWEST = 0.01;

    /** Where the quadratic model rises along the step. */
    private static final double FASTEST = 2;

    /** Momentum averages the noise of steps, and stays stable longer. */
    private static final double FASTEST_WITH_MOMENTUM = 5;

    /** How far ahead schedules are looked at: those that begin low, or high, are no mistake. */
    private static final int ITERATIONS_AHEAD = 1000;

    private static final int EPOCHS_AHEAD = 10;

    private static final String REMEDY =
            "attach(model, configuration, new Sgd(1.0)) sets an updater that suits, until detach() brings this one back";

    UpdatersInForce {
        descriptions = List.copyOf(descriptions);
        warnings = List.copyOf(warnings);
    }

    /** Those of the trained parameters, as they are in the model's next step. */
    static UpdatersInForce of(LiveModel model, LinearizedNetwork network, StepScaling scaling) {
        Set<IUpdater> updaters = network.trainableLayers().stream()
                .flatMap(layer -> layer.trainableParameters().stream()
                        .map(parameter ->
                                model.layer(layer.key()).conf().getLayer().getUpdaterByParam(parameter.name())))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        List<String> descriptions = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        for (IUpdater updater : updaters) {
            At now = new At(updater, model.iteration(), model.epoch());
            descriptions.add(now.description());
            if (RESCALING.contains(now.name())) {
                warnings.add(
                        now.name() + " divides each component of the natural gradient by a running size of it, which "
                                + "undoes the method's own scaling; Sgd and Nesterovs do not. " + REMEDY);
            } else if (scaling != StepScaling.NONE) {
                At later = new At(updater, model.iteration() + ITERATIONS_AHEAD, model.epoch() + EPOCHS_AHEAD);
                rateWarning(now, later).ifPresent(warnings::add);
            }
        }
        return new UpdatersInForce(descriptions, warnings);
    }

    /** The same where what is in front of them does not change what suits. */
    UpdatersInForce withoutWarnings() {
        return new UpdatersInForce(descriptions, List.of());
    }

    private static Optional<String> rateWarning(At now, At later) {
        double fastest = now.momentum() > 0 ? FASTEST_WITH_MOMENTUM : FASTEST;
        String what = now.description() + ": a scaled step wants a rate near 1"
                + (now.momentum() > 0 ? " times (1 − momentum)" : "") + ", and this one ";
        if (now.reach() < SLOWEST && later.reach() < SLOWEST) {
            return Optional.of(what + "makes training crawl. " + REMEDY);
        }
        if (now.reach() > fastest && later.reach() > fastest) {
            return Optional.of(what + "steps far beyond the minimum along the step. " + REMEDY);
        }
        return Optional.empty();
    }

    /** Such as "Nesterovs, rate 0.1, momentum 0.9"; several are separated by semicolons. */
    String description() {
        return String.join("; ", descriptions);
    }

    /** An updater at an iteration. */
    private record At(IUpdater updater, int iteration, int epoch) {

        String name() {
            return updater.getClass().getSimpleName();
        }

        /** What the natural gradient is multiplied by; without a rate of its own an updater passes it on. */
        double rate() {
            return updater.hasLearningRate() ? updater.getLearningRate(iteration, epoch) : 1;
        }

        double momentum() {
            return updater instanceof Nesterovs nesterovs ? nesterovs.currentMomentum(iteration, epoch) : 0;
        }

        /** How far a step goes in the end, as a multiple of the scaled step. */
        double reach() {
            return rate() / (1 - momentum());
        }

        String description() {
            return name()
                    + (updater.hasLearningRate() ? ", rate " + shortest(rate()) : "")
                    + (momentum() > 0 ? ", momentum " + shortest(momentum()) : "");
        }

        /** Three digits where more would say no more. */
        private static String shortest(double value) {
            return value == Math.rint(value)
                    ? String.format(Locale.ROOT, "%.0f", value)
                    : String.valueOf(
                            new BigDecimal(value).round(new MathContext(3)).doubleValue());
        }
    }
}
