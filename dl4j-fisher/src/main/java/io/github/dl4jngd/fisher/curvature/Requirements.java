package io.github.dl4jngd.fisher.curvature;

import org.jspecify.annotations.Nullable;

/** Checks and small steps that every approximation shares. */
final class Requirements {

    private Requirements() {}

    static <T> T requireObserved(@Nullable T observed) {
        if (observed == null) {
            throw new IllegalStateException("No minibatch has been observed yet");
        }
        return observed;
    }

    static double requirePositive(double rho) {
        if (!(rho > 0)) {
            throw new IllegalArgumentException(
                    "Solving for an arbitrary gradient divides by the damping, which must be positive, was " + rho);
        }
        return rho;
    }
}
