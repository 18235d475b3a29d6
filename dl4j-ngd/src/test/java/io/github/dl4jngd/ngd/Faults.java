package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.linalg.Cholesky;
import io.github.dl4jngd.fisher.linalg.GeneralSolution;
import io.github.dl4jngd.fisher.linalg.Jitter;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.SymmetricEigen;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A provider of linear algebra with something before every operation: an exception, a wait. */
final class Faults {

    private Faults() {}

    static LinearAlgebra before(LinearAlgebra provider, Consumer<String> fault) {
        return new LinearAlgebra() {
            @Override
            public String name() {
                return provider.name();
            }

            @Override
            public Cholesky cholesky(INDArray a) {
                fault.accept("cholesky");
                return provider.cholesky(a);
            }

            @Override
            public Cholesky cholesky(INDArray a, Jitter jitter) {
                fault.accept("cholesky");
                return provider.cholesky(a, jitter);
            }

            @Override
            public SymmetricEigen symmetricEigen(INDArray a) {
                fault.accept("symmetricEigen");
                return provider.symmetricEigen(a);
            }

            @Override
            public GeneralSolution solve(INDArray a, INDArray b) {
                fault.accept("solve");
                return provider.solve(a, b);
            }

            @Override
            public INDArray solveBatch(INDArray a, INDArray b) {
                fault.accept("solveBatch");
                return provider.solveBatch(a, b);
            }

            @Override
            public INDArray solveScaled(INDArray k, INDArray scales, INDArray shifts, INDArray b) {
                fault.accept("solveScaled");
                return provider.solveScaled(k, scales, shifts, b);
            }
        };
    }
}
