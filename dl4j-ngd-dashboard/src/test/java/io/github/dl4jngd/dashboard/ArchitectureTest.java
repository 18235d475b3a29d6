package io.github.dl4jngd.dashboard;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The page stands on dl4j-spectral and Java's own server; the back end is the user's choice. */
@AnalyzeClasses(packages = "io.github.dl4jngd.dashboard", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NOTHING_BESIDE_OR_ABOVE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..dl4jngd.ngd..",
                    "..dl4jngd.datasets..",
                    "..dl4jngd.cli..",
                    "org.nd4j.linalg.cpu..",
                    "org.nd4j.linalg.jcublas..",
                    "org.nd4j.nativeblas..");

    /** One class is all that a user needs. */
    @ArchTest
    static final ArchRule ONE_CLASS_IS_PUBLIC = classes()
            .that()
            .haveModifier(JavaModifier.PUBLIC)
            .and()
            .areTopLevelClasses()
            .and()
            .resideOutsideOfPackage("..internal..")
            .should()
            .be(Dashboard.class);

    @ArchTest
    static final ArchRule NOTHING_IS_PRINTED = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule LOGS_GO_TO_SLF4J = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
}
