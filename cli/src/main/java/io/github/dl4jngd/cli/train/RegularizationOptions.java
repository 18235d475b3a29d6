package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.ngd.BackwardDifference;
import io.github.dl4jngd.ngd.Flooding;
import io.github.dl4jngd.ngd.ForwardDifference;
import io.github.dl4jngd.ngd.RegularizationRule;
import io.github.dl4jngd.ngd.Sam;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Regularisations of the gradient, each of which makes another run of every method. Where not given, null. */
final class RegularizationOptions {

    private static final double DEFAULT_ASCENT = 0.05;

    @Option(
            names = "--gradient-regularization",
            paramLabel = "GAMMA",
            description = {
                "Trains every method once more, as METHOD-gr, with the gradient of L + gamma/2 |grad L|^2",
                "by a finite difference; takes a second gradient a step."
            })
    private Double gamma;

    @Option(
            names = "--ascent",
            paramLabel = "EPS",
            description = {"The step of that difference; below zero a backward one. Default: " + DEFAULT_ASCENT + "."})
    private Double ascent;

    @Option(
            names = "--sam",
            paramLabel = "RHO",
            description =
                    "Trains every method once more, as METHOD-sam, by sharpness-aware minimisation of this radius.")
    private Double radius;

    @Option(
            names = "--flooding",
            paramLabel = "LOSS",
            description =
                    "Trains every method once more, as METHOD-flooding, uphill where a minibatch's loss is below this.")
    private Double level;

    /** Checks what picocli cannot. */
    void check(RunOptions run) {
        if (ascent != null && gamma == null) {
            throw run.wrong("--ascent", "it is that of --gradient-regularization, which was not given");
        }
        try {
            rules();
        } catch (IllegalArgumentException e) {
            throw run.wrong(
                    e.getMessage().contains("SAM")
                            ? "--sam"
                            : e.getMessage().contains("flooding")
                                    ? "--flooding"
                                    : e.getMessage().contains("ascent") ? "--ascent" : "--gradient-regularization",
                    e.getMessage());
        }
    }

    /** Whether none was asked for. */
    boolean isEmpty() {
        return rules().isEmpty();
    }

    private Map<String, RegularizationRule> rules() {
        Map<String, RegularizationRule> rules = new LinkedHashMap<>();
        if (gamma != null) {
            double epsilon = ascent == null ? DEFAULT_ASCENT : ascent;
            rules.put(
                    "gr", epsilon < 0 ? BackwardDifference.of(gamma, -epsilon) : ForwardDifference.of(gamma, epsilon));
        }
        if (radius != null) {
            rules.put("sam", Sam.of(radius));
        }
        if (level != null) {
            rules.put("flooding", Flooding.of(level));
        }
        return rules;
    }

    /** A method with each of the regularisations that were asked for. */
    Stream<TrainingMethod> regularized(TrainingMethod method) {
        return rules().entrySet().stream().map(rule -> RegularizedMethod.of(method, rule.getKey(), rule.getValue()));
    }
}
