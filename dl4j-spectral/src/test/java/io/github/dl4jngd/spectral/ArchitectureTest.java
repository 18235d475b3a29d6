package io.github.dl4jngd.spectral;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;

/** dl4j-spectral stands on dl4j-fisher and DL4J alone; the back end is the user's choice. */
@AnalyzeClasses(packages = "io.github.dl4jngd.spectral", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final DescribedPredicate<JavaClass> INTERNAL = JavaClass.Predicates.resideInAPackage("..internal..");

    /** Layers are read by dl4j-fisher's network package; here DL4J is a model and its listeners. */
    @ArchTest
    static final ArchRule LAYERS_ARE_READ_ELSEWHERE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.deeplearning4j.nn.layers..", "org.deeplearning4j.nn.params..");

    @ArchTest
    static final ArchRule NOTHING_BESIDE_OR_ABOVE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..dl4jngd.ngd..", "..dl4jngd.datasets..", "..dl4jngd.cli..");

    /** The root package is a slice too. */
    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CIRCLE =
            slices().matching("io.github.dl4jngd.(**)").should().beFreeOfCycles();

    /** What a user can call names nothing that may change without notice. */
    @ArchTest
    static final ArchRule INTERNALS_ARE_NOT_OFFERED = codeUnits()
            .that(describe("a user can call", ArchitectureTest::isOffered))
            .should(nameNoInternals());

    @ArchTest
    static final ArchRule THE_BACK_END_IS_THE_USERS_CHOICE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j.linalg.cpu..", "org.nd4j.linalg.jcublas..", "org.nd4j.nativeblas..");

    @ArchTest
    static final ArchRule NOTHING_IS_PRINTED = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule LOGS_GO_TO_SLF4J = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

    /** Public members of package-private classes count: a public class may inherit them. */
    private static boolean isOffered(JavaCodeUnit unit) {
        return !INTERNAL.test(unit.getOwner())
                && (unit.getModifiers().contains(JavaModifier.PUBLIC)
                        || unit.getModifiers().contains(JavaModifier.PROTECTED));
    }

    private static ArchCondition<JavaCodeUnit> nameNoInternals() {
        return new ArchCondition<>("name no internals") {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream())
                        .map(JavaType::getAllInvolvedRawTypes)
                        .flatMap(types -> types.stream())
                        .filter(INTERNAL)
                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                unit, unit.getDescription() + " names " + type.getName())));
            }
        };
    }
}
