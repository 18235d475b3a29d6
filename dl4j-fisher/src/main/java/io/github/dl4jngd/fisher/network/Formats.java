package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;

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

    static List<Operation> overSequences(Operation operation) {
        return List.of(Operations.addTrailingAxis(), operation, Operations.dropTrailingAxis());
    }

    /** What a setting is for sequences as images of width 1. */
    static int[] along(int[] setting, int across) {
        return new int[] {setting[0], across};
    }
}
