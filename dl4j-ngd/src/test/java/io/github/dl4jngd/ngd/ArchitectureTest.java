package io.github.dl4jngd.ngd;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

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
}
