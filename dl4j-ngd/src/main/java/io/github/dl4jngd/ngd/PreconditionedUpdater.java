package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.training.StepReport;
import io.github.dl4jngd.fisher.training.StepReporter;
import java.util.Optional;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One of DL4J's updaters with a preconditioner in front. */
interface PreconditionedUpdater extends StepReporter {

    PreconditionedStep step();

    default Preconditioner preconditioner() {
        return step().preconditioner();
    }

    INDArray getStateViewArray();

    @Override
    default Optional<StepReport> lastStep() {
        return Optional.<StepReport>ofNullable(preconditioner().lastDiagnostics())
                .filter(report -> isNaturalGradient());
    }

    @Override
    default boolean isNaturalGradient() {
        return preconditioner().configuration().preconditions();
    }

    @Override
    default boolean fitsSteps() {
        return preconditioner().configuration().stepScaling() == StepScaling.MEASURED;
    }

    @Override
    default void observeNextStep(Consumer<SymmetricOperator> observer) {
        preconditioner().observeNextStep(observer);
    }
}
