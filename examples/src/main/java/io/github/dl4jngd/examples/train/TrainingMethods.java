package io.github.dl4jngd.examples.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The registry of methods. A new one is a new element of this list. */
final class TrainingMethods {

    private static final String HELP_SECTION = "methods";
    private static final double MOMENTUM = 0.9;

    private static final List<TrainingMethod> ALL = List.of(
            new UpdaterMethod("sgd", "stochastic gradient descent", 0.1, Sgd::new),
            new UpdaterMethod(
                    "nesterovs",
                    "Nesterov momentum " + MOMENTUM,
                    0.05,
                    learningRate -> new Nesterovs(learningRate, MOMENTUM)),
            new UpdaterMethod("adam", "Adam", 1e-3, Adam::new));

    private TrainingMethods() {}

    static List<TrainingMethod> all() {
        return ALL;
    }

    static Optional<TrainingMethod> named(String name) {
        return ALL.stream().filter(method -> method.name().equals(name)).findFirst();
    }

    static List<String> names() {
        return ALL.stream().map(TrainingMethod::name).toList();
    }

    /** Adds a list of the methods to a command's help, before the examples. */
    static void addTo(CommandLine commandLine) {
        List<String> keys = new ArrayList<>(commandLine.getHelpSectionKeys());
        keys.add(keys.indexOf(UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST_HEADING), HELP_SECTION);
        commandLine.setHelpSectionKeys(keys);
        commandLine.getHelpSectionMap().put(HELP_SECTION, help -> helpText());
    }

    private static String helpText() {
        return ALL.stream()
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
