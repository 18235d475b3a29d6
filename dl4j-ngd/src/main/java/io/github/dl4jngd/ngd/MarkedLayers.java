package io.github.dl4jngd.ngd;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.learning.regularization.Regularization;

/** Puts {@link NaturalGradientMark}s into layers' configurations, finds them and takes them out. */
final class MarkedLayers {

    private MarkedLayers() {}

    static void put(Stream<BaseLayer> layers, NaturalGradientMark mark) {
        layers.forEach(layer -> {
            remove(layer);
            layer.setRegularization(with(layer.getRegularization(), mark));
            layer.setRegularizationBias(with(layer.getRegularizationBias(), mark));
        });
    }

    static void remove(BaseLayer layer) {
        layer.setRegularization(without(layer.getRegularization()));
        layer.setRegularizationBias(without(layer.getRegularizationBias()));
    }

    /** The marks of a layer. */
    static Stream<NaturalGradientMark> of(BaseLayer layer) {
        return Stream.of(layer.getRegularization(), layer.getRegularizationBias())
                .filter(penalties -> penalties != null)
                .flatMap(List::stream)
                .filter(NaturalGradientMark.class::isInstance)
                .map(NaturalGradientMark.class::cast);
    }

    private static List<Regularization> with(List<Regularization> penalties, NaturalGradientMark mark) {
        List<Regularization> marked = penalties == null ? new ArrayList<>() : new ArrayList<>(penalties);
        marked.add(0, mark);
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
