package io.github.dl4jngd.fisher.curvature;

/**
 * K-FAC's damping of the factors: π√ρ for A and √ρ/π for G, π² = (tr A/dim A)/(tr G/dim G), so that of ρ the larger
 * part
 * falls to the larger factor (Martens &amp; Grosse 2015, §6.3).
 *
 * @param input π√ρ, added to A's diagonal
 * @param output √ρ/π, added to G's diagonal
 */
record FactoredDamping(double input, double output) {

    /** π = 1 where a trace is zero. */
    static FactoredDamping of(double rho, double inputMeanDiagonal, double outputMeanDiagonal) {
        double pi =
                inputMeanDiagonal > 0 && outputMeanDiagonal > 0 ? Math.sqrt(inputMeanDiagonal / outputMeanDiagonal) : 1;
        double root = Math.sqrt(rho);
        return new FactoredDamping(pi * root, root / pi);
    }
}
