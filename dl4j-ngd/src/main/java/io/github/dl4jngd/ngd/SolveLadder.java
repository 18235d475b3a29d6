package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.linalg.FallbackLinearAlgebra;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.LinearAlgebraException;
import io.github.dl4jngd.fisher.linalg.NotPositiveDefiniteException;
import io.github.dl4jngd.fisher.linalg.SingularMatrixException;
import java.util.function.Function;

/** What is tried in turn where a system cannot be solved: more damping, then float64, then clipped eigenvalues. */
final class SolveLadder {

    /** One attempt. */
    private enum Rung {
        AS_CONFIGURED(1, FallbackLinearAlgebra.Allowed.NOTHING, ""),
        DAMPING(10, FallbackLinearAlgebra.Allowed.NOTHING, "ten times the damping"),
        MORE_DAMPING(100, FallbackLinearAlgebra.Allowed.NOTHING, "a hundred times the damping"),
        FLOAT64(1, FallbackLinearAlgebra.Allowed.FLOAT64, "factorisations in float64"),
        CLIPPING(1, FallbackLinearAlgebra.Allowed.CLIPPED_EIGENVALUES, "clipped eigenvalues");

        private final double dampingFactor;
        private final FallbackLinearAlgebra.Allowed allowed;
        private final String description;

        Rung(double dampingFactor, FallbackLinearAlgebra.Allowed allowed, String description) {
            this.dampingFactor = dampingFactor;
            this.allowed = allowed;
            this.description = description;
        }
    }

    private final FallbackLinearAlgebra linearAlgebra;

    SolveLadder(LinearAlgebra provider) {
        linearAlgebra = new FallbackLinearAlgebra(provider);
    }

    /** What the systems that climb this ladder are to be factorised with. */
    LinearAlgebra linearAlgebra() {
        return linearAlgebra;
    }

    /**
     * The direction of the first rung that helps.
     *
     * @param damping ρ as configured, scheduled or adapted
     * @param solver solves with the damping of a rung
     * @throws LinearAlgebraException if none helps; that of the last rung, the others suppressed in it
     */
    Direction solve(Damping damping, Function<Damping, Direction> solver) {
        LinearAlgebraException failure = null;
        for (Rung rung : Rung.values()) {
            linearAlgebra.allow(rung.allowed);
            try {
                Direction solved = solver.apply(damping.times(rung.dampingFactor));
                return failure == null
                        ? solved
                        : solved.noted("solved with " + rung.description + " after: " + failure.getMessage());
            } catch (NotPositiveDefiniteException | SingularMatrixException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            } finally {
                linearAlgebra.allow(FallbackLinearAlgebra.Allowed.NOTHING);
            }
        }
        throw failure;
    }
}
