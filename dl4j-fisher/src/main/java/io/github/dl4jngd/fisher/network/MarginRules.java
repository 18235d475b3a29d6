package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;

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
        int size = ((Upsampling1D) layer.configuration()).getSize()[0];
        return Formats.overSequences(RNNFormat.NCW, List.of(Operations.upsampling(size, 1)));
    }

    static List<Operation> spaceToDepth(LayerDescription layer) {
        SpaceToDepthLayer configuration = (SpaceToDepthLayer) layer.configuration();
        return Formats.inFormat(configuration.getDataFormat(), Operations.spaceToDepth(configuration.getBlockSize()));
    }

    /** Rows as sequences of n equal steps. */
    static List<Operation> repeatVector(LayerDescription layer) {
        RepeatVector configuration = (RepeatVector) layer.configuration();
        List<Operation> operations = new ArrayList<>();
        operations.add(Operations.timeStepsTogether(layer.name()));
        operations.addAll(
                Formats.overSequences(RNNFormat.NCW, List.of(Operations.upsampling(configuration.getN(), 1))));
        if (configuration.getDataFormat() == RNNFormat.NWC) {
            operations.add(Operations.permute(0, 2, 1));
        }
        return operations;
    }
}
