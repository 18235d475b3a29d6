package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;

/** How DL4J's paddings, croppings and upsamplings are compiled. */
final class MarginRules {

    private MarginRules() {}

    static List<Operation> zeroPadding(LayerDescription layer) {
        ZeroPaddingLayer configuration = (ZeroPaddingLayer) layer.configuration();
        return Formats.inFormat(configuration.getDataFormat(), Operations.padding(configuration.getPadding()));
    }

    static List<Operation> zeroPadding1D(LayerDescription layer) {
        return List.of(Operations.padding(((ZeroPadding1DLayer) layer.configuration()).getPadding()));
    }

    static List<Operation> cropping(LayerDescription layer) {
        Cropping2D configuration = (Cropping2D) layer.configuration();
        return Formats.inFormat(configuration.getDataFormat(), Operations.cropping(configuration.getCropping()));
    }

    static List<Operation> cropping1D(LayerDescription layer) {
        return List.of(Operations.cropping(((Cropping1D) layer.configuration()).getCropping()));
    }

    static List<Operation> upsampling(LayerDescription layer) {
        Upsampling2D configuration = (Upsampling2D) layer.configuration();
        int[] size = configuration.getSize();
        return Formats.inFormat(configuration.getFormat(), Operations.upsampling(size[0], size[1]));
    }

    static List<Operation> upsampling1D(LayerDescription layer) {
        return Formats.overSequences(Operations.upsampling(((Upsampling1D) layer.configuration()).getSize()[0], 1));
    }
}
