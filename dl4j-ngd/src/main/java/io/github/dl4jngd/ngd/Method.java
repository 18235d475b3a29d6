package io.github.dl4jngd.ngd;

import java.util.function.Supplier;

/** The natural-gradient methods. A method's text is its name on the command line, in logs and in checkpoints. */
public enum Method {
    /** The whole Fisher matrix, through the dual system of the minibatch: {@link ExactNaturalGradient}. */
    EXACT(ExactNaturalGradient.NAME, ExactNaturalGradient::builder),
    /** One block a layer: {@link LayerWiseNaturalGradient}. */
    LAYER_WISE(LayerWiseNaturalGradient.NAME, LayerWiseNaturalGradient::builder),
    /** Layers and their neighbours: {@link BlockTriDiagonalNaturalGradient}. */
    BLOCK_TRI_DIAGONAL(BlockTriDiagonalNaturalGradient.NAME, BlockTriDiagonalNaturalGradient::builder),
    /** One block a unit: {@link UnitWiseNaturalGradient}. */
    UNIT_WISE(UnitWiseNaturalGradient.NAME, UnitWiseNaturalGradient::builder),
    /** One Kronecker product a layer: {@link Kfac}. */
    KFAC(Kfac.NAME, Kfac::builder),
    /** The eigenvectors of K-FAC's factors with eigenvalues of the whole block: {@link Ekfac}. */
    EKFAC(Ekfac.NAME, Ekfac::builder);

    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // the method references hold nothing
    private final Supplier<NaturalGradientConfiguration.Builder<?>> builders;

    Method(String text, Supplier<NaturalGradientConfiguration.Builder<?>> builders) {
        this.text = text;
        this.builders = builders;
    }

    /**
     * A method by its text.
     *
     * @param text such as {@code layer-wise}
     * @return the method
     * @throws IllegalArgumentException if there is none
     */
    public static Method of(String text) {
        for (Method method : values()) {
            if (method.text.equals(text)) {
                return method;
            }
        }
        throw new IllegalArgumentException("there is no method " + text);
    }

    /**
     * The method of a configuration.
     *
     * @param configuration of any method
     * @return the method
     */
    public static Method of(NaturalGradientConfiguration configuration) {
        return of(configuration.methodName());
    }

    /**
     * A builder with the method's defaults.
     *
     * @return a new builder
     */
    public NaturalGradientConfiguration.Builder<?> builder() {
        return builders.get();
    }

    @Override
    public String toString() {
        return text;
    }
}
