package io.github.dl4jngd.cli.diagonal;

/**
 * A gradient regularisation of the flow.
 *
 * @param gamma γ
 * @param epsilon ε: above zero a forward, below a backward difference, and 0 the exact γHg
 */
record Penalty(double gamma, double epsilon) {

    static final Penalty NONE = new Penalty(0, 0);

    boolean isExact() {
        return epsilon == 0;
    }

    @Override
    public String toString() {
        if (gamma == 0) {
            return "none";
        }
        return epsilon == 0 ? "exact" : (epsilon > 0 ? "forward " : "backward ") + Math.abs(epsilon);
    }
}
