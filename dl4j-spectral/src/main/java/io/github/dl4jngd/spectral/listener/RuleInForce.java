package io.github.dl4jngd.spectral.listener;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.internal.training.LiveModel.UpdaterPart;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.training.StepReporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * The rule of all of a model's updaters together, at one step.
 *
 * <p>Updaters of several layers go together where their recurrences are the same: their rates, relative to the largest,
 * are then part of the diagonal P⁻¹. Behind a natural gradient P⁻¹ is (F̂ + ρI)⁻¹, and only updaters follow that divide
 * nothing and have one rate.
 *
 * @param stability what is known before the step: all but the spectrum of P⁻¹F
 * @param matrix which P⁻¹ there is
 */
record RuleInForce(Stability stability, Matrix matrix) {

    /** Who knows P⁻¹. */
    enum Matrix {
        /** P is the identity, or no boundary is known. */
        NONE,
        /** The updaters, after the step. */
        DIAGONAL,
        /** The natural gradient, in the step. */
        NATURAL_GRADIENT
    }

    private static final String DIAGONAL = "P^-½ F P^-½";
    private static final String NATURAL_GRADIENT = "(F̂+ρ)⁻¹F";

    /** The rule of the step that is being made. */
    static RuleInForce of(LiveModel model, LinearizedNetwork network) {
        Optional<StepReporter> reporter = model.updater() instanceof StepReporter found && found.isNaturalGradient()
                ? Optional.of(found)
                : Optional.empty();
        boolean naturalGradient = reporter.isPresent();
        int iteration = model.iteration();
        int epoch = model.epoch();
        List<UpdaterRule> rules = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (IUpdater updater : model.updaters(network)) {
            UpdaterRule.of(updater, iteration, epoch)
                    .ifPresentOrElse(
                            rule -> {
                                rules.add(rule);
                                names.add(rule.description());
                            },
                            () -> {
                                names.add(UpdaterRule.name(updater));
                                unknown.add(UpdaterRule.name(updater));
                            });
        }
        String updaters = (naturalGradient ? "natural gradient, then " : "")
                + names.stream().distinct().collect(Collectors.joining("; "));
        if (!unknown.isEmpty()) {
            return none(
                    "no boundary known for " + unknown.stream().distinct().collect(Collectors.joining(", ")), updaters);
        }
        if (rules.stream().map(UpdaterRule::rule).distinct().count() != 1) {
            return none("no boundary known: the momenta of the layers' updaters differ", updaters);
        }
        boolean oneRate =
                model.learningRates(network, iteration, epoch).distinct().count() <= 1
                        && model.updaters(network).stream()
                                        .map(IUpdater::hasLearningRate)
                                        .distinct()
                                        .count()
                                == 1;
        Optional<UpdaterRule> dividing =
                rules.stream().filter(rule -> rule.diagonal().isPresent()).findFirst();
        StabilityRule rule = rules.get(0).rule();
        if (naturalGradient) {
            if (dividing.isPresent()) {
                return none("no boundary known for " + dividing.get().name() + " behind a natural gradient", updaters);
            }
            return oneRate
                    ? new RuleInForce(
                            behindNaturalGradient(rule, updaters, reporter.get().fitsSteps()), Matrix.NATURAL_GRADIENT)
                    : none("no boundary known: the layers' rates differ behind a natural gradient", updaters);
        }
        String name = rules.stream().map(UpdaterRule::name).distinct().collect(Collectors.joining(" and "));
        return oneRate && dividing.isEmpty()
                ? new RuleInForce(stability(name, rule, "", updaters), Matrix.NONE)
                : new RuleInForce(stability(name, rule, DIAGONAL, updaters), Matrix.DIAGONAL);
    }

    private static RuleInForce none(String why, String updaters) {
        return new RuleInForce(
                new Stability(Stability.NONE, why, updaters, Double.NaN, false, false, Double.NaN, Optional.empty()),
                Matrix.NONE);
    }

    private static Stability behindNaturalGradient(StabilityRule rule, String updaters, boolean fitted) {
        return new Stability(
                "natural gradient",
                fitted ? rule.textOfFittedSteps() : rule.text(NATURAL_GRADIENT),
                updaters,
                rule.limit(),
                true,
                fitted,
                Double.NaN,
                Optional.empty());
    }

    private static Stability stability(String name, StabilityRule rule, String matrix, String updaters) {
        return new Stability(
                name,
                rule.text(matrix),
                updaters,
                rule.limit(),
                !matrix.isEmpty(),
                false,
                Double.NaN,
                Optional.empty());
    }

    /**
     * P⁻¹ of the updaters, right after their step: what each divides the gradient by, and its rate relative to a common
     * one. Zero where nothing is trained.
     *
     * @param rate the largest of the rates, that the diagonal is relative to; NaN where no updater has one
     */
    static SymmetricOperator diagonal(
            LiveModel model, LinearizedNetwork network, int iteration, int epoch, double rate) {
        INDArray parameters = network.parameters();
        INDArray inverse = Nd4j.create(parameters.dataType(), parameters.length());
        INDArray trained = Nd4j.create(parameters.dataType(), parameters.length());
        INDArray ones = Nd4j.ones(parameters.dataType(), parameters.length());
        for (ParameterBlock block : network.blocks()) {
            block.write(block.read(ones), trained);
        }
        for (UpdaterPart part : model.updaterParts()) {
            INDArray own = trained.get(NDArrayIndex.interval(part.from(), part.to()));
            if (own.sumNumber().doubleValue() == 0) {
                continue;
            }
            double relative = relative(part.updater(), iteration, epoch, rate);
            INDArray target = inverse.get(NDArrayIndex.interval(part.from(), part.to()));
            Optional<UpdaterRule.Diagonal> diagonal =
                    UpdaterRule.of(part.updater(), iteration, epoch).flatMap(UpdaterRule::diagonal);
            if (diagonal.isPresent()) {
                target.assign(diagonal.get().inverse(part.state(), iteration).reshape(target.length()));
                target.muli(own).muli(relative);
            } else {
                target.assign(own.mul(relative));
            }
        }
        return SymmetricOperator.of(parameters.length(), parameters.dataType(), vector -> vector.mul(inverse));
    }

    private static double relative(IUpdater updater, int iteration, int epoch, double rate) {
        double own = updater.hasLearningRate() ? updater.getLearningRate(iteration, epoch) : 1;
        double common = Double.isNaN(rate) ? 1 : rate;
        return common == 0 ? 1 : own / common;
    }
}
