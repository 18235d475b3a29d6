package io.github.dl4jngd.spectral.theory;

/** φ(x) = max(0, x): with cos θ the correlation, E φφ = √(q₁q₂)(sin θ + (π − θ) cos θ)/2π and E φ′φ′ = (π − θ)/2π. */
record ReluMoments() implements GaussianMoments {

    @Override
    public double product(double first, double second, double covariance) {
        double scale = Math.sqrt(first * second);
        if (scale == 0) {
            return 0;
        }
        double angle = angle(scale, covariance);
        return scale * (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle)) / (2 * Math.PI);
    }

    @Override
    public double slopeProduct(double first, double second, double covariance) {
        double scale = Math.sqrt(first * second);
        return scale == 0 ? 0 : (Math.PI - angle(scale, covariance)) / (2 * Math.PI);
    }

    private static double angle(double scale, double covariance) {
        return Math.acos(Math.max(-1, Math.min(1, covariance / scale)));
    }
}
