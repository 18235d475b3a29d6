package io.github.dl4jngd.spark;

import io.github.dl4jngd.fisher.curvature.PlainArray;
import io.github.dl4jngd.fisher.network.shard.Shard;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** A shard in Java's own memory, which Spark keeps, sends and stores with any serialiser. */
final class StoredShard implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int index;
    private final ArrayList<PlainArray> inputs;
    private final ArrayList<PlainArray> labels;

    private StoredShard(int index) {
        this.index = index;
        this.inputs = new ArrayList<>();
        this.labels = new ArrayList<>();
    }

    static StoredShard of(Shard shard) {
        StoredShard stored = new StoredShard(shard.index());
        shard.inputs().forEach(array -> stored.inputs.add(PlainArray.of(real(array))));
        shard.labels().forEach(array -> stored.labels.add(PlainArray.of(real(array))));
        return stored;
    }

    static StoredShard of(int index, DataSet data) {
        return of(Shard.of(index, data));
    }

    /** Bytes and integers, such as words, become float32, which has them all up to 2²⁴. */
    private static INDArray real(INDArray array) {
        return array.dataType() == DataType.DOUBLE ? array : array.castTo(DataType.FLOAT);
    }

    int index() {
        return index;
    }

    long samples() {
        return inputs.get(0).size(0);
    }

    Shard shard() {
        return new Shard(
                index,
                inputs.stream().map(PlainArray::toArray).toList(),
                labels.stream().map(PlainArray::toArray).toList());
    }

    DataSet data() {
        return new DataSet(inputs.get(0).toArray(), labels.get(0).toArray());
    }
}
