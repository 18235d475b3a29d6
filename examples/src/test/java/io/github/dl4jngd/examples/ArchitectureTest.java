package io.github.dl4jngd.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.github.dl4jngd.examples", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule FILES_KNOW_NO_COMMANDS = noClasses()
            .that()
            .resideInAPackage("..examples.npz..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..examples.train..",
                    "..examples.verify..",
                    "..examples.dynamics..",
                    "..examples.report..",
                    "org.deeplearning4j..",
                    "picocli..");

    @ArchTest
    static final ArchRule REPORTS_KNOW_NO_TRAINING = noClasses()
            .that()
            .resideInAPackage("..examples.report..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..examples.train..",
                    "..examples.verify..",
                    "..examples.dynamics..",
                    "org.deeplearning4j..",
                    "picocli..");
}
