package io.github.dl4jngd.fisher.curvature;

/** Checks and small steps that every approximation shares. */
final class Requirements {

    private Requirements() {}

    static FisherRoot requireObserved(FisherRoot root) {
        if (root == null) {
            throw new IllegalStateException("No minibatch has been observed yet");
        }
        return root;
    }

    static double requirePositive(double rho) {
        if (!(rho > 0)) {
            throw new IllegalArgumentException(
                    "Solving for an arbitrary gradient divides by the damping, which must be positive, was " + rho);
        }
        return rho;
    }
}
