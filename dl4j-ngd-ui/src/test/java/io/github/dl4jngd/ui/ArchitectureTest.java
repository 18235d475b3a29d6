package io.github.dl4jngd.ui;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The tab stands between the page and Deeplearning4j's UI, and knows nothing of training. */
@AnalyzeClasses(packages = "io.github.dl4jngd.ui", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NOTHING_THAT_COMPUTES = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..dl4jngd.ngd..", "..dl4jngd.fisher..", "..dl4jngd.datasets..", "org.nd4j.linalg..");

    /** The one that the UI makes by its name. */
    @ArchTest
    static final ArchRule ONE_CLASS_IS_PUBLIC = classes()
            .that()
            .haveModifier(JavaModifier.PUBLIC)
            .and()
            .areTopLevelClasses()
            .should()
            .be(SharpnessModule.class);

    @ArchTest
    static final ArchRule NOTHING_IS_PRINTED = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule LOGS_GO_TO_SLF4J = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
}
