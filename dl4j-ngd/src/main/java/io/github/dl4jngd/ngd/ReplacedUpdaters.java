package io.github.dl4jngd.ngd;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * The updaters of layers that attaching has replaced by another, and the state that they had.
 *
 * @param layers each with its own updaters
 * @param state what they keep across steps, as DL4J lays it out; null where they keep nothing
 */
record ReplacedUpdaters(List<Former> layers, INDArray state) {

    /** A layer's updaters; that of biases is null where it is the same. */
    private record Former(BaseLayer layer, IUpdater weights, IUpdater biases) {}

    /**
     * Sets an updater in the configurations of layers, in place of those of weights and of biases.
     *
     * @param updater copied for every layer, as DL4J does
     * @param state of the updaters that are replaced
     */
    static ReplacedUpdaters by(IUpdater updater, Stream<BaseLayer> layers, INDArray state) {
        List<Former> former = layers.map(layer -> new Former(layer, layer.getIUpdater(), layer.getBiasUpdater()))
                .toList();
        former.forEach(each -> {
            each.layer.setIUpdater(updater.clone());
            each.layer.setBiasUpdater(null);
        });
        return new ReplacedUpdaters(former, state);
    }

    /** Gives the layers their own updaters back; the state is for the caller to put in. */
    void restore() {
        layers.forEach(each -> {
            each.layer.setIUpdater(each.weights);
            each.layer.setBiasUpdater(each.biases);
        });
    }
}
