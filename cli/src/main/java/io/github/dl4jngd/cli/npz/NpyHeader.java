package io.github.dl4jngd.cli.npz;

import java.nio.ByteOrder;
import java.util.List;

/** What the header of a {@code .npy} file says. */
record NpyHeader(String description, NpyType type, ByteOrder order, boolean fortranOrder, List<Long> shape) {

    /**
     * Bytes of data that the header promises.
     *
     * @throws ArithmeticException when that is more than a long holds
     */
    long dataBytes() {
        long bytes = type.size();
        for (long dimension : shape) {
            if (dimension == 0) {
                return 0;
            }
            bytes = Math.multiplyExact(bytes, dimension);
        }
        return bytes;
    }
}
