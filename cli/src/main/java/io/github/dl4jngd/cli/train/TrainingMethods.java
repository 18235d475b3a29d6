package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.ngd.LevenbergMarquardt;
import io.github.dl4jngd.ngd.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The methods of a command: some updaters of Deeplearning4j, and every natural gradient that the library has. */
final class TrainingMethods {

    private static final String HELP_SECTION = "methods";
    private static final double MOMENTUM = 0.9;
    private static final String WITH_MOMENTUM = " with momentum " + MOMENTUM;
    private static final String SCALED = ", every step scaled by the measured curvature";
    private static final double AUTOENCODER_DAMPING = 1;

    private static final List<TrainingMethod> UPDATERS = List.of(
            new UpdaterMethod("sgd", "stochastic gradient descent", 0.1, Sgd::new),
            new UpdaterMethod("nesterovs", "Nesterov momentum " + MOMENTUM, 0.05, new NesterovMomentum(MOMENTUM)),
            new UpdaterMethod("adam", "Adam", 1e-3, Adam::new));

    /** What solves systems as large as the minibatch has rows, batch × classes, in every step. */
    private static final Set<Method> DUAL =
            Set.of(Method.EXACT, Method.LAYER_WISE, Method.BLOCK_TRI_DIAGONAL, Method.UNIT_WISE);

    /**
     * N C = 640 rows of J̃: Gram matrices and factorisations of that size take about as long as the backward passes.
     */
    private static final TrainingMethod.Limit DUAL_LIMIT = NaturalGradientMethod.limit(
            64, 6_400, "every step costs (batch × classes)³; --batch and --limit overrule this");

    private final List<TrainingMethod> methods;

    private TrainingMethods(Function<Method, TrainingMethod> others) {
        methods = Stream.concat(
                        UPDATERS.stream(),
                        Arrays.stream(Method.values())
                                .map(method -> DUAL.contains(method) ? dual(method) : others.apply(method)))
                .toList();
    }

    /** The methods for multi-layer perceptrons. */
    static TrainingMethods forPerceptrons() {
        return new TrainingMethods(method -> new NaturalGradientMethod(
                method.toString(),
                title(method) + SCALED,
                1.0,
                Sgd::new,
                defaultDamping(method),
                NaturalGradientMethod.Scaling.OF_THE_METHOD,
                rho -> method.builder().damping(rho),
                Optional.empty()));
    }

    /** The methods for deep autoencoders: damping far from the minimum has to be large and then fall. */
    static TrainingMethods forAutoencoders() {
        return new TrainingMethods(method -> new NaturalGradientMethod(
                method.toString(),
                title(method) + WITH_MOMENTUM + " and adaptive damping",
                0.1,
                new NesterovMomentum(MOMENTUM),
                AUTOENCODER_DAMPING,
                NaturalGradientMethod.Scaling.OF_THE_METHOD,
                rho -> method.builder().damping(rho).adaptiveDamping(LevenbergMarquardt.DEFAULT),
                Optional.empty()));
    }

    /** The methods for batch normalisation: with momentum steps are smaller, and running statistics can follow. */
    static TrainingMethods forResidualNetworks() {
        return new TrainingMethods(method -> new NaturalGradientMethod(
                method.toString(),
                title(method) + WITH_MOMENTUM + SCALED,
                0.1,
                new NesterovMomentum(MOMENTUM),
                defaultDamping(method),
                NaturalGradientMethod.Scaling.OF_THE_METHOD,
                rho -> method.builder().damping(rho),
                Optional.empty()));
    }

    private static TrainingMethod dual(Method method) {
        return new NaturalGradientMethod(
                method.toString(),
                title(method),
                1.0,
                Sgd::new,
                defaultDamping(method),
                NaturalGradientMethod.Scaling.OF_THE_METHOD,
                rho -> method.builder().damping(rho),
                Optional.of(DUAL_LIMIT));
    }

    private static String title(Method method) {
        return switch (method) {
            case KFAC -> "K-FAC";
            case EKFAC -> "E-KFAC";
            default -> method + " natural gradient";
        };
    }

    private static double defaultDamping(Method method) {
        return method.builder().build().damping().value();
    }

    Optional<TrainingMethod> named(String name) {
        return methods.stream().filter(method -> method.name().equals(name)).findFirst();
    }

    static List<String> names() {
        return Stream.concat(
                        UPDATERS.stream().map(TrainingMethod::name),
                        Arrays.stream(Method.values()).map(Method::toString))
                .toList();
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
