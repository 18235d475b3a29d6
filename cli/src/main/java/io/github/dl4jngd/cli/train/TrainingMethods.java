package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.ngd.BlockTriDiagonalNaturalGradient;
import io.github.dl4jngd.ngd.ExactNaturalGradient;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.LayerWiseNaturalGradient;
import io.github.dl4jngd.ngd.LevenbergMarquardt;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import io.github.dl4jngd.ngd.UnitWiseNaturalGradient;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The methods of a command. A new one is a new element of the list. */
final class TrainingMethods {

    private static final String HELP_SECTION = "methods";
    private static final double MOMENTUM = 0.9;
    private static final double AUTOENCODER_DAMPING = 1;
    /**
     * N C = 640 rows of J̃: Gram matrices and factorisations of that size take about as long as the backward passes.
     */
    private static final TrainingMethod.Limit EXACT_LIMIT = NaturalGradientMethod.limit(
            64, 6_400, "every step costs (batch × classes)³; --batch and --limit overrule this");

    private static final List<TrainingMethod> ALL = List.of(
            new UpdaterMethod("sgd", "stochastic gradient descent", 0.1, Sgd::new),
            new UpdaterMethod("nesterovs", "Nesterov momentum " + MOMENTUM, 0.05, new NesterovMomentum(MOMENTUM)),
            new UpdaterMethod("adam", "Adam", 1e-3, Adam::new),
            natural(
                    "exact",
                    "exact natural gradient",
                    ExactNaturalGradient.Builder.DEFAULT_DAMPING,
                    rho -> ExactNaturalGradient.builder().damping(rho).build(),
                    EXACT_LIMIT),
            natural(
                    "layer-wise",
                    "layer-wise natural gradient",
                    LayerWiseNaturalGradient.Builder.DEFAULT_DAMPING,
                    rho -> LayerWiseNaturalGradient.builder().damping(rho).build(),
                    EXACT_LIMIT),
            natural(
                    "block-tri-diagonal",
                    "block-tri-diagonal natural gradient",
                    BlockTriDiagonalNaturalGradient.Builder.DEFAULT_DAMPING,
                    rho -> BlockTriDiagonalNaturalGradient.builder()
                            .damping(rho)
                            .build(),
                    EXACT_LIMIT),
            natural(
                    "unit-wise",
                    "unit-wise natural gradient",
                    UnitWiseNaturalGradient.Builder.DEFAULT_DAMPING,
                    rho -> UnitWiseNaturalGradient.builder().damping(rho).build(),
                    EXACT_LIMIT),
            kfac("K-FAC, every step scaled by the measured curvature", 1.0, Sgd::new));

    /** K-FAC with momentum, whose smaller steps suit networks whose running statistics have to follow. */
    private static final TrainingMethod KFAC_WITH_MOMENTUM = kfac(
            "K-FAC with momentum " + MOMENTUM + ", every step scaled by the measured curvature",
            0.1,
            new NesterovMomentum(MOMENTUM));

    private static TrainingMethod kfac(
            String description, double learningRate, DoubleFunction<? extends IUpdater> updater) {
        return new NaturalGradientMethod(
                "kfac",
                description,
                learningRate,
                updater,
                Kfac.Builder.DEFAULT_DAMPING,
                rho -> Kfac.builder().damping(rho).build(),
                Optional.empty());
    }

    private static TrainingMethod natural(
            String name,
            String description,
            double damping,
            DoubleFunction<? extends NaturalGradientConfiguration> configuration,
            TrainingMethod.Limit limit) {
        return new NaturalGradientMethod(name, description, 1.0, Sgd::new, damping, configuration, Optional.of(limit));
    }

    private final List<TrainingMethod> methods;

    private TrainingMethods(List<TrainingMethod> methods) {
        this.methods = methods;
    }

    /** For multi-layer perceptrons. */
    static TrainingMethods forPerceptrons() {
        return new TrainingMethods(ALL);
    }

    /** For deep autoencoders: damping far from the minimum has to be large and then fall. */
    static TrainingMethods forAutoencoders() {
        TrainingMethod adaptive = new NaturalGradientMethod(
                "kfac",
                "K-FAC with momentum " + MOMENTUM + " and adaptive damping",
                0.1,
                new NesterovMomentum(MOMENTUM),
                AUTOENCODER_DAMPING,
                rho -> Kfac.builder()
                        .damping(rho)
                        .adaptiveDamping(LevenbergMarquardt.DEFAULT)
                        .build(),
                Optional.empty());
        return new TrainingMethods(ALL.stream()
                .map(method -> method.name().equals(adaptive.name()) ? adaptive : method)
                .toList());
    }

    /** For networks with batch normalisation. */
    static TrainingMethods forResidualNetworks() {
        return new TrainingMethods(ALL.stream()
                .map(method -> method.name().equals(KFAC_WITH_MOMENTUM.name()) ? KFAC_WITH_MOMENTUM : method)
                .toList());
    }

    Optional<TrainingMethod> named(String name) {
        return methods.stream().filter(method -> method.name().equals(name)).findFirst();
    }

    static List<String> names() {
        return ALL.stream().map(TrainingMethod::name).toList();
    }

    /** Adds a list of the methods to a command's help, before the examples. */
    void addTo(CommandLine commandLine) {
        List<String> keys = new ArrayList<>(commandLine.getHelpSectionKeys());
        keys.add(keys.indexOf(UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST_HEADING), HELP_SECTION);
        commandLine.setHelpSectionKeys(keys);
        commandLine.getHelpSectionMap().put(HELP_SECTION, help -> helpText());
    }

    private String helpText() {
        return methods.stream()
                .map(method -> String.format(
                        Locale.ROOT,
                        "  %-18s  %s (learning rate %s)%n",
                        method.name(),
                        method.description(),
                        method.defaultLearningRate()))
                .collect(Collectors.joining("", String.format("%nMethods:%n"), ""));
    }

    /** The names, for picocli's {@code completionCandidates}. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names().iterator();
        }
    }
}
