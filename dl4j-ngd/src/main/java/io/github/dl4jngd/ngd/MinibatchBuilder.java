package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.loss.FisherType;
import java.util.function.Function;

/**
 * Builds a method whose curvature is that of each step's own minibatch: it has the options of every method and no
 * others.
 *
 * @param <C> the method's configuration
 */
public final class MinibatchBuilder<C extends NaturalGradientConfiguration>
        extends NaturalGradientConfiguration.Builder<MinibatchBuilder<C>> {

    private final Function<MinibatchBuilder<C>, C> constructor;

    MinibatchBuilder(Function<MinibatchBuilder<C>, C> constructor, double damping) {
        super(FisherType.TRUE, damping);
        this.constructor = constructor;
    }

    @Override
    MinibatchBuilder<C> self() {
        return this;
    }

    @Override
    public C build() {
        checkDamping();
        return constructor.apply(this);
    }
}
