package io.github.dl4jngd.fisher;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Floors, from the ground (internal): linalg and loss, jacobian, curvature and operation, network, training.
 * Arrows point down, and the back end is the user's choice.
 */
@AnalyzeClasses(packages = "io.github.dl4jngd.fisher", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("io.github.dl4jngd.fisher.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule FLOORS = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.github.dl4jngd.fisher..")
            .layer("ground")
            .definedBy("io.github.dl4jngd.fisher.internal")
            .layer("linalg")
            .definedBy("..fisher.linalg..")
            .layer("loss")
            .definedBy("..fisher.loss..")
            .layer("jacobian")
            .definedBy("..fisher.jacobian..")
            .layer("curvature")
            .definedBy("..fisher.curvature..")
            .layer("operation")
            .definedBy("..fisher.operation..")
            .layer("network")
            .definedBy("..fisher.network..")
            .layer("training")
            .definedBy("..fisher.internal.training..")
            .whereLayer("ground")
            .mayNotAccessAnyLayer()
            .whereLayer("linalg")
            .mayOnlyAccessLayers("ground")
            .whereLayer("loss")
            .mayOnlyAccessLayers("ground")
            .whereLayer("jacobian")
            .mayOnlyAccessLayers("ground", "linalg")
            .whereLayer("curvature")
            .mayOnlyAccessLayers("ground", "linalg", "loss", "jacobian")
            .whereLayer("operation")
            .mayOnlyAccessLayers("ground", "linalg", "jacobian")
            .whereLayer("training")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule ONLY_NETWORK_AND_TRAINING_KNOW_MODELS = noClasses()
            .that()
            .resideOutsideOfPackages("..fisher.network..", "..fisher.internal.training..", "..fisher.operation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

    @ArchTest
    static final ArchRule OPERATIONS_KNOW_SETTINGS_ALONE = noClasses()
            .that()
            .resideInAPackage("..fisher.operation..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.deeplearning4j..").and(not(assignableTo(Enum.class))));

    @ArchTest
    static final ArchRule THE_NETWORK_READS_DL4J_LAYERS = classes()
            .that()
            .haveSimpleName("LinearizedNetwork")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

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
