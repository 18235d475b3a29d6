package io.github.dl4jngd.datasets;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;

@AnalyzeClasses(packages = "io.github.dl4jngd.datasets", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NEEDS_NO_NETWORKS = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.deeplearning4j..", "io.github.dl4jngd.fisher..", "io.github.dl4jngd.ngd..")
            .because("the data sets serve any ND4J user");

    @ArchTest
    static final ArchRule PRINTS_NOTHING = noClasses()
            .that()
            .doNotHaveSimpleName("Downloader") // shows the progress that the caller asked for
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

    /** How images are drawn depends on nothing but the seed: painters know no data set. */
    @ArchTest
    static final ArchRule PAINTERS_STAND_ALONE = noClasses()
            .that()
            .resideInAPackage("..datasets.internal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.github.dl4jngd.datasets", "org.nd4j..");
}
