package io.github.dl4jngd.spectral.theory;

import java.util.function.DoubleUnaryOperator;

/** Gauss–Legendre quadrature: nodes are the zeros of a Legendre polynomial, found by Newton's method. */
final class GaussLegendre {

    private static final double TOLERANCE = 1e-15;

    private static final int ITERATIONS = 100;

    private final double[] nodes;
    private final double[] weights;

    /** So many nodes on [−1, 1]. */
    GaussLegendre(int count) {
        nodes = new double[count];
        weights = new double[count];
        for (int i = 0; i < count; i++) {
            double x = Math.cos(Math.PI * (i + 0.75) / (count + 0.5));
            double slope = 0;
            for (int iteration = 0; iteration < ITERATIONS; iteration++) {
                double before = 1;
                double value = x;
                for (int k = 2; k <= count; k++) {
                    double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
                    before = value;
                    value = next;
                }
                slope = count * (x * value - before) / (x * x - 1);
                double step = value / slope;
                x -= step;
                if (Math.abs(step) < TOLERANCE) {
                    break;
                }
            }
            nodes[i] = x;
            weights[i] = 2 / ((1 - x * x) * slope * slope);
        }
    }

    /** ∫ f over [from, to]. */
    double integral(double from, double to, DoubleUnaryOperator f) {
        double half = (to - from) / 2;
        double middle = (to + from) / 2;
        double sum = 0;
        for (int i = 0; i < nodes.length; i++) {
            sum += weights[i] * f.applyAsDouble(middle + half * nodes[i]);
        }
        return half * sum;
    }
}
