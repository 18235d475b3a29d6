package io.github.dl4jngd.spectral.listener;

/**
 * Up to which rate η a recurrence is stable on a quadratic loss, in units of 1/λ: along an eigenvector of eigenvalue λ
 * of the matrix that its steps multiply by, parameters return to the minimum where ηλ is below the limit, and leave it
 * where ηλ is above. At the limit a root of the recurrence's characteristic polynomial is −1.
 *
 * @param formula the largest stable η as a formula in λ
 * @param limitFormula the limit of ηλ as a formula
 * @param parameter what else is in the formula, such as "μ = 0.9"; empty where nothing is
 * @param limit the number that ηλ must stay below
 */
record StabilityRule(String formula, String limitFormula, String parameter, double limit) {

    /** θ ← θ − ηg: the root 1 − ηλ. */
    static StabilityRule gradientDescent() {
        return new StabilityRule("2/λ", "2", "", 2);
    }

    /** v ← μv − ηg, θ ← θ + v (Polyak 1964): z² − (1 + μ − ηλ)z + μ. No updater of Deeplearning4j is this one. */
    static StabilityRule heavyBall(double momentum) {
        return new StabilityRule("2(1+μ)/λ", "2(1+μ)", "μ = " + momentum, 2 * (1 + momentum));
    }

    /**
     * v ← μv − ηg, θ ← θ − μ v_before + (1 + μ)v, which is Nesterov's momentum at the point looked ahead to, and what
     * Deeplearning4j's {@code Nesterovs} does: z² − (1 + μ)(1 − ηλ)z + μ(1 − ηλ).
     */
    static StabilityRule nesterov(double momentum) {
        return new StabilityRule(
                "2(1+μ)/((1+2μ) λ)", "2(1+μ)/(1+2μ)", "μ = " + momentum, 2 * (1 + momentum) / (1 + 2 * momentum));
    }

    /**
     * m ← βm + (1 − β)g, θ ← θ − ηm, with g divided by P where there is one: z² − (1 + β − (1 − β)ηλ)z + β. It is the
     * boundary that Adam hovers at with P nearly constant (Cohen et al., <em>Adaptive Gradient Methods at the Edge of
     * Stability</em>, 2022, §3, with P as it is in force).
     */
    static StabilityRule averagedGradient(double beta) {
        return new StabilityRule("2(1+β₁)/((1−β₁) λ)", "2(1+β₁)/(1−β₁)", "β₁ = " + beta, 2 * (1 + beta) / (1 - beta));
    }

    /** m ← βm + (1 − β)g, θ ← θ − η(βm + (1 − β)g), as Nadam does it: Nesterov's polynomial at (1 − β)ηλ. */
    static StabilityRule averagedNesterov(double beta) {
        return new StabilityRule(
                "2(1+β₁)/((1+2β₁)(1−β₁) λ)",
                "2(1+β₁)/((1+2β₁)(1−β₁))",
                "β₁ = " + beta,
                2 * (1 + beta) / ((1 + 2 * beta) * (1 - beta)));
    }

    /** The boundary in words, given which matrix's λ_max it is of. */
    String text(String matrix) {
        return formula.replace("λ", matrix.isEmpty() ? "λ_max" : "λ_max(" + matrix + ")") + ofParameter();
    }

    /** The boundary of steps that are fitted to the curvature along them, in whose units λ is 1. */
    String textOfFittedSteps() {
        return limitFormula + " × the step to the minibatch's minimum along it" + ofParameter();
    }

    private String ofParameter() {
        return parameter.isEmpty() ? "" : ", " + parameter;
    }
}
