package io.github.dl4jngd.fisher.curvature;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Assembles P×P matrices from layer blocks, for tests and small networks. */
final class DenseForm {

    private DenseForm() {}

    static INDArray zeros(FisherRoot root) {
        return Nd4j.create(dataType(root), root.parameters(), root.parameters());
    }

    static DataType dataType(FisherRoot root) {
        return root.layers().get(0).toDense().dataType();
    }

    /** The block of rows of one layer and columns of another, as a view. */
    static INDArray block(INDArray dense, LayerJacobian rows, LayerJacobian columns) {
        return dense.get(interval(rows), interval(columns));
    }

    private static INDArrayIndex interval(LayerJacobian layer) {
        return NDArrayIndex.interval(layer.parameterOffset(), layer.parameterOffset() + layer.parameters());
    }
}
