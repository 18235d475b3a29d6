package io.github.dl4jngd.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.github.dl4jngd.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule FILES_KNOW_NO_COMMANDS = noClasses()
            .that()
            .resideInAPackage("..cli.npz..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..cli.train..",
                    "..cli.verify..",
                    "..cli.dynamics..",
                    "..cli.report..",
                    "org.deeplearning4j..",
                    "picocli..");

    @ArchTest
    static final ArchRule REPORTS_KNOW_NO_TRAINING = noClasses()
            .that()
            .resideInAPackage("..cli.report..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..cli.train..", "..cli.verify..", "..cli.dynamics..", "org.deeplearning4j..", "picocli..");
}
