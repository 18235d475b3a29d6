package io.github.dl4jngd.onednn;

import io.github.dl4jngd.onednn.internal.RepairedBatchNormHelper;
import io.github.dl4jngd.onednn.internal.RepairedConvolutionHelper;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.convolution.Convolution1DLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Which layers of a network use oneDNN through a helper, and why the others do not. {@link #toString()} is a table.
 *
 * @param status whether a network built now would use oneDNN
 * @param rows the layers
 */
public record OneDnnReport(OneDnnStatus status, List<Row> rows) {
    private static final Row HEADER_NAMES = new Row("layer", "type", false, "");

    /**
     * What one layer runs on.
     *
     * @param layer its name, or its number where it has none
     * @param type its class
     * @param helper whether a helper computes it
     * @param note why, or why not
     */
    public record Row(String layer, String type, boolean helper, String note) {}

    /**
     * Copies the rows.
     *
     * @param status whether a network built now would use oneDNN
     * @param rows the layers
     */
    public OneDnnReport {
        rows = List.copyOf(rows);
    }

    static OneDnnReport of(OneDnnStatus status, Layer[] layers) {
        return new OneDnnReport(
                status, Arrays.stream(layers).map(layer -> row(status, layer)).collect(Collectors.toList()));
    }

    /**
     * The number of layers that a helper computes.
     *
     * @return it
     */
    public long helpers() {
        return rows.stream().filter(Row::helper).count();
    }

    private static Row row(OneDnnStatus status, Layer wrapped) {
        Layer layer = wrapped;
        while (layer instanceof BaseWrapperLayer wrapper) {
            layer = wrapper.getUnderlying();
        }
        String name = layer.conf().getLayer().getLayerName();
        String label = name != null ? name : String.valueOf(wrapped.getIndex());
        String absence = whyNot(status, layer);
        String type = layer.getClass().getSimpleName();
        return absence != null ? new Row(label, type, false, absence) : new Row(label, type, true, provenance(layer));
    }

    private static String provenance(Layer layer) {
        LayerHelper helper = layer.getHelper();
        return isRepaired(helper)
                ? "oneDNN"
                : helper.getClass().getSimpleName() + " as Deeplearning4j has it, without the repairs";
    }

    private static boolean isRepaired(LayerHelper helper) {
        return helper instanceof RepairedConvolutionHelper || helper instanceof RepairedBatchNormHelper;
    }

    /** Why no helper computes the layer; null where one does. */
    private static String whyNot(OneDnnStatus status, Layer layer) {
        if (layer instanceof SubsamplingLayer && layer.getHelper() == null) {
            return "refused: the helper's gradient is wrong for average pooling that counts padding;"
                    + " the built-in layer calls the same native operations";
        }
        if (layer instanceof LocalResponseNormalization && layer.getHelper() == null) {
            return "Deeplearning4j has switched this helper off for good";
        }
        if (layer instanceof ConvolutionLayer && layer.getClass() != ConvolutionLayer.class) {
            return layer instanceof Convolution1DLayer
                    ? "computed by a native operation of its own, without a helper"
                    : "Deeplearning4j has no oneDNN helper for this type of convolution";
        }
        if (!(layer instanceof ConvolutionLayer || layer instanceof BatchNormalization) && layer.getHelper() == null) {
            return "Deeplearning4j has no oneDNN helper for this type of layer";
        }
        return whyNotThisOne(status, layer);
    }

    /** The same for a layer of a type that has a helper. */
    private static String whyNotThisOne(OneDnnStatus status, Layer layer) {
        DataType dataType = layer.conf().getDataType();
        if (dataType != null && dataType != DataType.FLOAT) {
            return dataType + ": oneDNN computes in FLOAT only";
        }
        if (layer.conf().getLayer() instanceof org.deeplearning4j.nn.conf.layers.ConvolutionLayer convolution
                && RepairedConvolutionHelper.isDilated(convolution.getDilation())) {
            return "refused: dilation " + Arrays.toString(convolution.getDilation())
                    + ", for which oneDNN's convolution throws";
        }
        if (layer.conf().getLayer() instanceof org.deeplearning4j.nn.conf.layers.BatchNormalization normalization
                && normalization.isLockGammaBeta()) {
            return "refused: locked gamma and beta, which the helper does not support";
        }
        if (layer.getHelper() != null) {
            return null;
        }
        return status.enabled()
                ? "built while the helpers were off: build, restore or clone the network after OneDnn.enable()"
                : status.reason();
    }

    @Override
    public String toString() {
        int name = width(Stream.concat(Stream.of(HEADER_NAMES), rows.stream()).map(Row::layer));
        int type = width(Stream.concat(Stream.of(HEADER_NAMES), rows.stream()).map(Row::type));
        String format = "%-" + name + "s  %-" + type + "s  %-6s  %s%n";
        StringBuilder table = new StringBuilder();
        table.append(status).append(System.lineSeparator());
        table.append(String.format(format, HEADER_NAMES.layer(), HEADER_NAMES.type(), "helper", "note"));
        for (Row row : rows) {
            table.append(String.format(format, row.layer(), row.type(), row.helper() ? "yes" : "no", row.note()));
        }
        return table.toString();
    }

    private static int width(Stream<String> cells) {
        Set<Integer> lengths = cells.map(String::length).collect(Collectors.toSet());
        return lengths.stream().max(Integer::compare).orElse(1);
    }
}
