package io.github.dl4jngd.ngd;

/**
 * No natural gradient at all, F̂ + ρI = I: what {@link GradientRegularization} attaches, so that it stands where a
 * natural gradient would, is guarded, marked, copied and saved as one, and changes no bit of the gradient beyond its
 * rule.
 */
final class PlainGradient extends NaturalGradientConfiguration {

    static final String NAME = "gradient regularisation";

    private PlainGradient(MinibatchBuilder<PlainGradient> builder) {
        super(builder);
    }

    static MinibatchBuilder<PlainGradient> builder() {
        return new MinibatchBuilder<PlainGradient>(PlainGradient::new, 0).stepScaling(StepScaling.NONE);
    }

    @Override
    public String methodName() {
        return NAME;
    }

    @Override
    boolean preconditions() {
        return false;
    }

    @Override
    public String toString() {
        return NAME + " (" + gradientRegularization().map(Object::toString).orElse("none") + ")";
    }
}
