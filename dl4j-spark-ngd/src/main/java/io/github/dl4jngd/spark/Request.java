package io.github.dl4jngd.spark;

import io.github.dl4jngd.fisher.curvature.PlainArray;
import io.github.dl4jngd.fisher.network.shard.ShardNetwork;
import io.github.dl4jngd.fisher.network.shard.ShardTask;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.io.Serial;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What one job sums, of which network, over which shards. */
final class Request implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final NetworkText network;
    private final ShardTask task;
    /** Null where the task needs none. */
    private final PlainArray direction;
    /** The place of each shard in the sum. */
    private final LinkedHashMap<Integer, Integer> places = new LinkedHashMap<>();

    /** A network as text, which every process compiles once. */
    static final class NetworkText implements Serializable {

        @Serial
        private static final long serialVersionUID = 1L;

        private static final Unpacked<ShardNetwork> COMPILED = new Unpacked<>(2);

        private final String json;
        private final boolean graph;
        private final BatchStatistics statistics;

        NetworkText(String json, boolean graph, BatchStatistics statistics) {
            this.json = json;
            this.graph = graph;
            this.statistics = statistics;
        }

        ShardNetwork compiled() {
            return COMPILED.get(statistics + json, () -> ShardNetwork.of(json, graph, statistics));
        }
    }

    Request(NetworkText network, ShardTask task, INDArray direction, List<Integer> shards) {
        this.network = network;
        this.task = task;
        this.direction = direction == null ? null : PlainArray.of(direction);
        for (int shard : shards) {
            places.put(shard, places.size());
        }
    }

    ShardNetwork network() {
        return network.compiled();
    }

    ShardTask task() {
        return task;
    }

    INDArray direction() {
        return direction == null ? null : direction.toArray();
    }

    int places() {
        return places.size();
    }

    /** The place of a shard; −1 where it is not asked for. */
    int place(int shard) {
        return places.getOrDefault(shard, -1);
    }
}
