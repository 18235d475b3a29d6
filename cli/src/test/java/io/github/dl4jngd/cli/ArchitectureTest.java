package io.github.dl4jngd.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.dl4jngd.cli.report.Progress;

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

    @ArchTest
    static final ArchRule NO_CIRCLES =
            slices().matching("io.github.dl4jngd.cli.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule COMMANDS_KNOW_NO_COMMAND_LINE = noClasses()
            .that()
            .resideInAPackage("io.github.dl4jngd.cli.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.dl4jngd.cli");

    /** Commands write to the streams of picocli, which tests replace; a progress bar is for terminals only. */
    @ArchTest
    static final ArchRule ONLY_PROGRESS_BARS_ARE_PRINTED = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Progress.class.getName())
            .should(ACCESS_STANDARD_STREAMS);
}
