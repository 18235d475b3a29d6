package io.github.dl4jngd.spectral.theory;

/** φ = erf: E φφ = (2/π) asin(2c/√((1+2q₁)(1+2q₂))), E φ′φ′ = (4/π)/√((1+2q₁)(1+2q₂) − 4c²). */
record ErfMoments() implements GaussianMoments {

    @Override
    public double product(double first, double second, double covariance) {
        return 2 / Math.PI * Math.asin(2 * covariance / Math.sqrt((1 + 2 * first) * (1 + 2 * second)));
    }

    @Override
    public double slopeProduct(double first, double second, double covariance) {
        return 4 / Math.PI / Math.sqrt((1 + 2 * first) * (1 + 2 * second) - 4 * covariance * covariance);
    }
}
