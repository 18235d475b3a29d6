package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * How one class of DL4J layers is linearised.
 *
 * <p>Rules are found by the exact class of the layer's configuration, the built-in ones first, then those of {@link
 * java.util.ServiceLoader}.
 */
public interface LayerRule {

    /**
     * The class of layer configurations that this rule covers.
     *
     * @return the class
     */
    Class<? extends Layer> layerClass();

    /**
     * Compiles a layer.
     *
     * @param layer the layer and where its parameters are
     * @return the operations that make up the layer, in order
     * @throws UnsupportedModelException if a setting of the layer is not covered, naming it
     */
    List<Operation> compile(LayerDescription layer);
}
