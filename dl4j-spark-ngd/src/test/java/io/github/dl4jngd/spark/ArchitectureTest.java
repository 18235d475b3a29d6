package io.github.dl4jngd.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The module stands on dl4j-ngd and what that stands on; estimators take its matrix without knowing it. */
@AnalyzeClasses(packages = "io.github.dl4jngd.spark", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

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
}
