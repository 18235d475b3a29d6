package io.github.dl4jngd.fisher.curvature;

/**
 * The L×L tri-diagonal matrix of ones T, the isotropic limit of the block-tri-diagonal dual system.
 *
 * <p>T x = 1 is solvable for every L. T is singular for L ≡ 2 (mod 3), where the solution of least norm T⁺1 is meant;
 * 1ᵀT⁺1 = ⌈L/3⌉ is the isotropy constant.
 */
final class TriDiagonalOnes {

    private TriDiagonalOnes() {}

    /**
     * T⁺1.
     *
     * <p>The equations give x_2 + x_1 = 1, then x_{l+1} = 1 − x_l − x_{l−1}, so x has period 3 and is fixed by x_1 = t:
     * t, 1 − t, 0, t, 1 − t, 0 …; the last equation fixes t unless L ≡ 2, where ½ has the least norm.
     */
    static double[] pseudoInverseRowSums(int layers) {
        double first =
                switch (layers % 3) {
                    case 0 -> 0; // 0, 1, 0, 0, 1, 0
                    case 1 -> 1; // 1, 0, 0, 1
                    default -> 0.5; // ½, ½, 0, ½, ½
                };
        double[] cycle = {first, 1 - first, 0};
        double[] x = new double[layers];
        for (int l = 0; l < layers; l++) {
            x[l] = cycle[l % 3];
        }
        return x;
    }
}
