package io.github.dl4jngd.fisher.operation;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where one parameter array lies in the flat parameter vector.
 *
 * @param name its name in the layer, "W" or "b"
 * @param offset the first entry
 * @param shape its shape
 * @param order 'f' for column-major, 'c' for row-major
 */
public record ParameterSlice(String name, long offset, List<Long> shape, char order) {

    /**
     * Copies the shape.
     *
     * @param name its name in the layer
     * @param offset the first entry
     * @param shape its shape
     * @param order 'f' for column-major
     */
    public ParameterSlice {
        shape = List.copyOf(shape);
    }

    /**
     * The number of entries.
     *
     * @return the product of the shape
     */
    public long length() {
        return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    /**
     * The array in a flat vector.
     *
     * @param vector [P]
     * @return a view with this slice's shape
     */
    public INDArray of(INDArray vector) {
        return vector.get(NDArrayIndex.interval(offset, offset + length()))
                .reshape(order, shape.stream().mapToLong(Long::longValue).toArray());
    }
}
