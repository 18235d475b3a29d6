package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;

/**
 * Layers in other formats than NCHW are NCHW ones between two operations: NHWC between two permutations, sequences as
 * images of width 1.
 */
final class Formats {

    private Formats() {}

    static List<Operation> inFormat(CNN2DFormat format, Operation... operations) {
        if (format != CNN2DFormat.NHWC) {
            return List.of(operations);
        }
        List<Operation> between = new ArrayList<>();
        between.add(Operations.channelsFirst());
        between.addAll(List.of(operations));
        between.add(Operations.channelsLast());
        return between;
    }

    static List<Operation> overSequences(RNNFormat format, List<Operation> operations) {
        List<Operation> between = new ArrayList<>();
        if (format == RNNFormat.NWC) {
            between.add(Operations.permute(0, 2, 1));
        }
        between.add(Operations.addTrailingAxis());
        between.addAll(operations);
        between.add(Operations.dropTrailingAxis());
        if (format == RNNFormat.NWC) {
            between.add(Operations.permute(0, 2, 1));
        }
        return between;
    }

    /** Where DL4J says the format of sequences as that of images. */
    static RNNFormat ofSequences(CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? RNNFormat.NWC : RNNFormat.NCW;
    }

    /** What a setting is for sequences as images of width 1. */
    static int[] along(int[] setting, int across) {
        return new int[] {setting[0], across};
    }

    /** DL4J goes forward through convolutions and poolings of NWC sequences, and fails on the way back. */
    static void requireTrained(LayerDescription layer, RNNFormat format) {
        if (format == RNNFormat.NWC && layer.trainable()) {
            throw layer.unsupported(
                    "Deeplearning4j's own backward pass fails on sequences in the format NWC; use NCW, or "
                            + "freeze the layer");
        }
    }
}
