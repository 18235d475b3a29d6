package io.github.dl4jngd.ngd;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.learning.regularization.Regularization;

/** Puts {@link NaturalGradientMark}s into layers' configurations and takes them out. */
final class MarkedLayers {

    private MarkedLayers() {}

    static void put(Stream<BaseLayer> layers, String method) {
        layers.forEach(layer -> {
            remove(layer);
            layer.setRegularization(with(layer.getRegularization(), method));
            layer.setRegularizationBias(with(layer.getRegularizationBias(), method));
        });
    }

    static void remove(BaseLayer layer) {
        layer.setRegularization(without(layer.getRegularization()));
        layer.setRegularizationBias(without(layer.getRegularizationBias()));
    }

    private static List<Regularization> with(List<Regularization> penalties, String method) {
        List<Regularization> marked = penalties == null ? new ArrayList<>() : new ArrayList<>(penalties);
        marked.add(0, new NaturalGradientMark(method));
        return marked;
    }

    /** The same list where there is no mark. */
    private static List<Regularization> without(List<Regularization> penalties) {
        if (penalties == null || penalties.stream().noneMatch(NaturalGradientMark.class::isInstance)) {
            return penalties;
        }
        List<Regularization> unmarked = new ArrayList<>(penalties);
        unmarked.removeIf(NaturalGradientMark.class::isInstance);
        return unmarked;
    }
}
