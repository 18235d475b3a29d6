package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.List;
import java.util.function.BiConsumer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Between DL4J's per-parameter gradient views and a flat vector.
 *
 * <p>Only trainable layers with a rule take part: frozen layers and "gradients" that are finished updates never do.
 * DL4J's flat gradient array is not the one it updates from, so values go into the per-parameter views.
 */
final class Gradients {

    private Gradients() {}

    /** A copy of what DL4J has, times a factor, [P]. */
    static INDArray read(LinearizedNetwork network, Gradient gradient, double factor) {
        INDArray flat = Nd4j.create(
                network.parameters().dataType(), network.parameters().length());
        forEach(network, gradient, (slice, view) -> slice.of(flat).assign(view));
        return factor == 1 ? flat : flat.muli(factor);
    }

    /** Puts a vector, [P], in place of what DL4J has. */
    static void write(LinearizedNetwork network, INDArray flat, Gradient gradient) {
        forEach(network, gradient, (slice, view) -> view.assign(slice.of(flat)));
    }

    /**
     * What DL4J adds to parameters as it is, such as the updates of running statistics. A locked batch normalisation
     * hands over gradients of no parameter, too, in memory that is no longer its own.
     */
    static void requireFiniteOthers(LinearizedNetwork network, Gradient gradient) {
        for (LayerDescription layer : network.layers()) {
            List<ParameterSlice> preconditioned = layer.trainableParameters();
            for (ParameterSlice slice : layer.parameters()) {
                String name = layer.key() + "_" + slice.name();
                INDArray view = preconditioned.contains(slice)
                        ? null
                        : gradient.gradientForVariable().get(name);
                if (view != null && NonFinite.count(view) > 0) {
                    throw new NumericalFailureException("the update of " + name + ", which is no gradient, has "
                            + NonFinite.count(view)
                            + " numbers that are NaN or infinite. The parameters were left as they are");
                }
            }
        }
    }

    static double norm(INDArray array) {
        return Math.sqrt(Products.squaredNorm(array));
    }

    private static void forEach(
            LinearizedNetwork network, Gradient gradient, BiConsumer<ParameterSlice, INDArray> action) {
        for (LayerDescription layer : network.trainableLayers()) {
            for (ParameterSlice slice : layer.trainableParameters()) {
                INDArray view = gradient.getGradientFor(layer.key() + "_" + slice.name());
                if (view == null) {
                    throw new NaturalGradientException(
                            "DL4J handed over no gradient for parameter " + slice.name() + " of layer " + layer.name()
                                    + "; the model has changed since the natural gradient was attached");
                }
                action.accept(slice, view);
            }
        }
    }
}
