package io.github.dl4jngd.spectral;

/** Which output metric H a Fisher information matrix has. */
public enum MetricConvention {
    /**
     * The second derivative of the loss as DL4J scores it: 2 I for L2, (2/C) I for MSE. The bound 2/λ_max on a learning
     * rate is this one's.
     */
    LOSS("the loss's own H"),
    /**
     * H = I, the literature's Fisher information matrix of regression with half the squared error; JJᵀ is then the
     * empirical NTK.
     */
    IDENTITY("H = I");

    private final String label;

    MetricConvention(String label) {
        this.label = label;
    }

    @Override
    public String toString() {
        return label;
    }
}
