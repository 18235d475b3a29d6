package io.github.dl4jngd.spectral.theory;

/** φ(x) = x. */
record LinearMoments() implements GaussianMoments {

    @Override
    public double product(double first, double second, double covariance) {
        return covariance;
    }

    @Override
    public double slopeProduct(double first, double second, double covariance) {
        return 1;
    }
}
