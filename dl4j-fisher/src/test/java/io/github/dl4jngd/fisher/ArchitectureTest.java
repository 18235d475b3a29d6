package io.github.dl4jngd.fisher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** linalg ← curvature ← network ← DL4J: arrows point one way, and the back end is the user's choice. */
@AnalyzeClasses(packages = "io.github.dl4jngd.fisher", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ONLY_THE_NETWORK_KNOWS_DL4J = noClasses()
            .that()
            .resideOutsideOfPackage("..fisher.network..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

    @ArchTest
    static final ArchRule THE_NETWORK_READS_DL4J_LAYERS = classes()
            .that()
            .haveSimpleName("LinearizedNetwork")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

    @ArchTest
    static final ArchRule LINEAR_ALGEBRA_STANDS_ALONE = noClasses()
            .that()
            .resideInAPackage("..fisher.linalg..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..fisher.curvature..", "..fisher.network..");

    @ArchTest
    static final ArchRule CURVATURE_KNOWS_NO_NETWORK = noClasses()
            .that()
            .resideInAPackage("..fisher.curvature..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..fisher.network..");

    @ArchTest
    static final ArchRule NOTHING_ABOVE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..dl4jngd.ngd..", "..dl4jngd.spectral..", "..dl4jngd.datasets..", "..dl4jngd.cli..");

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
