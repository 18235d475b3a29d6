package io.github.dl4jngd.fisher.loss;

/** Which of the three matrices that go by the name of Fisher is meant. */
public enum FisherType {
    /** F = (1/N) Σ J_nᵀ H_n J_n with H the Fisher information of p(y | f), summed over all C outputs. */
    TRUE("true Fisher"),
    /** An unbiased estimate of {@link #TRUE} from labels drawn from the model's own distribution. */
    MONTE_CARLO("Monte-Carlo Fisher"),
    /** (1/N) Σ g_n g_nᵀ with g_n the gradient of sample n at its given label; not an estimate of {@link #TRUE}. */
    EMPIRICAL("empirical Fisher");

    private final String label;

    FisherType(String label) {
        this.label = label;
    }

    @Override
    public String toString() {
        return label;
    }
}
