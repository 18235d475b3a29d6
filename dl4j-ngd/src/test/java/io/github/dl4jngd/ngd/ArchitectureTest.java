package io.github.dl4jngd.ngd;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** dl4j-ngd stands on dl4j-fisher and DL4J alone; the back end is the user's choice. */
@AnalyzeClasses(packages = "io.github.dl4jngd.ngd", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** Layers are read by dl4j-fisher's network package; here DL4J is a model, its gradient and its updater. */
    @ArchTest
    static final ArchRule LAYERS_ARE_READ_ELSEWHERE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.deeplearning4j.nn.layers..", "org.deeplearning4j.nn.params..");

    @ArchTest
    static final ArchRule NOTHING_BESIDE_OR_ABOVE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..dl4jngd.spectral..", "..dl4jngd.datasets..", "..dl4jngd.cli..");

    @ArchTest
    static final ArchRule THE_BACK_END_IS_THE_USERS_CHOICE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j.linalg.cpu..", "org.nd4j.linalg.jcublas..", "org.nd4j.nativeblas..");

    @ArchTest
    static final ArchRule NOTHING_IS_PRINTED = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule LOGS_GO_TO_SLF4J = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

    /** What knows each other in a circle has to be understood at once: few classes, and only where that is forced. */
    private static final Set<Set<String>> CIRCLES = Set.of(
            // Deeplearning4j hands updaters and listeners to the model, and the natural gradient finds itself by them.
            Set.of(
                    "AttachmentGuard",
                    "Checkpoint",
                    "GraphUpdaterSlot",
                    "MarkedLayers",
                    "MultiLayerUpdaterSlot",
                    "NaturalGradient",
                    "NaturalGradientGraphUpdater",
                    "NaturalGradientMark",
                    "NaturalGradientUpdater",
                    "PreconditionedStep",
                    "PreconditionedUpdater",
                    "TrainingRequirements",
                    "UpdaterSlot",
                    "WorkerCopies"),
            // A method makes its curvature, which asks the method.
            Set.of("MethodRule", "MinibatchCurvature"));

    /** So none has the preconditioner in it, or a configuration: they stand for themselves. */
    @ArchTest
    static void classesFormNoOtherCircles(JavaClasses classes) {
        Map<String, Set<String>> reached = new TreeMap<>();
        for (JavaClass each : classes) {
            Set<String> known = reached.computeIfAbsent(outermost(each), name -> new TreeSet<>());
            each.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().equals(each.getPackageName()))
                    .forEach(target -> known.add(outermost(target)));
        }
        // Until nothing is added: what a class knows, and what that knows.
        boolean more = true;
        while (more) {
            more = false;
            for (Set<String> known : reached.values()) {
                for (String each : List.copyOf(known)) {
                    more |= known.addAll(reached.get(each));
                }
            }
        }
        Set<Set<String>> circles = new HashSet<>();
        for (Map.Entry<String, Set<String>> entry : reached.entrySet()) {
            Set<String> circle = entry.getValue().stream()
                    .filter(other -> reached.get(other).contains(entry.getKey()))
                    .collect(Collectors.toCollection(TreeSet::new));
            if (circle.size() > 1) {
                circles.add(circle);
            }
        }
        assertThat(circles).isEqualTo(CIRCLES);
    }

    private static String outermost(JavaClass nested) {
        return nested.getEnclosingClass().map(ArchitectureTest::outermost).orElseGet(nested::getSimpleName);
    }
}
