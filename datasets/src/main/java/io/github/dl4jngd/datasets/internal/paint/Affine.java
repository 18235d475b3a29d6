package io.github.dl4jngd.datasets.internal.paint;

/** A map (x, y) → (a x + b y + e, c x + d y + f). {@link StrictMath} keeps drawings the same on every machine. */
record Affine(double a, double b, double c, double d, double e, double f) {

    /** Scales, shears in x, rotates, then moves. */
    static Affine of(double scaleX, double scaleY, double shear, double angle, double centreX, double centreY) {
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        return new Affine(
                cos * scaleX,
                (cos * shear - sin) * scaleY,
                sin * scaleX,
                (sin * shear + cos) * scaleY,
                centreX,
                centreY);
    }

    double x(double x, double y) {
        return a * x + b * y + e;
    }

    double y(double x, double y) {
        return c * x + d * y + f;
    }

    /** Maps the points x₀, y₀, x₁, y₁, … */
    double[] apply(double[] points) {
        double[] mapped = new double[points.length];
        for (int i = 0; i < points.length; i += 2) {
            mapped[i] = x(points[i], points[i + 1]);
            mapped[i + 1] = y(points[i], points[i + 1]);
        }
        return mapped;
    }
}
