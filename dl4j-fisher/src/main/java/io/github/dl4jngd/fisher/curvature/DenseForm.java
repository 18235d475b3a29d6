package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Assembles P×P matrices from layer blocks, for tests and small networks. */
final class DenseForm {

    private DenseForm() {}

    static INDArray zeros(FisherRoot root) {
        return Nd4j.create(dataType(root), root.parameters(), root.parameters());
    }

    static DataType dataType(FisherRoot root) {
        return root.layers().get(0).toDense().dataType();
    }

    /** Sets the block of rows of one layer and columns of another. */
    static void put(INDArray dense, LayerJacobian rows, LayerJacobian columns, INDArray block) {
        long[] rowPositions = rows.block().positions(dense.size(0));
        long[] columnPositions = columns.block().positions(dense.size(1));
        for (int i = 0; i < rowPositions.length; i++) {
            for (int j = 0; j < columnPositions.length; j++) {
                dense.putScalar(rowPositions[i], columnPositions[j], block.getDouble(i, j));
            }
        }
    }
}
