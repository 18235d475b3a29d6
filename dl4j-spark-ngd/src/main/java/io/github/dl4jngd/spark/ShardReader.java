package io.github.dl4jngd.spark;

import java.io.Serializable;
import org.nd4j.linalg.dataset.DataSet;

/** Reads a shard's samples where they are needed: on executors, and again where an executor was lost. */
@FunctionalInterface
public interface ShardReader extends Serializable {

    /**
     * Reads.
     *
     * @param index of the shard, from 0
     * @return its samples, the same whenever it is asked, without masks
     * @throws Exception where they cannot be read; the task fails then, and Spark tries again
     */
    DataSet read(int index) throws Exception;
}
