package io.github.dl4jngd.spark;

import io.github.dl4jngd.fisher.curvature.PlainArray;
import io.github.dl4jngd.fisher.network.shard.ShardNetwork;
import io.github.dl4jngd.fisher.network.shard.SumTree;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A task of a job: sums over those shards of a partition that are asked for, added as far as that goes. */
@SuppressWarnings("try") // the scope is a resource that is never named
final class Work implements FlatMapFunction<Iterator<StoredShard>, byte[]> {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final Unpacked<INDArray> PARAMETERS = new Unpacked<>(2);
    private static final Unpacked<At> REQUESTS = new Unpacked<>(2);

    private final Broadcast<Parcel> parameters;
    private final Broadcast<Parcel> request;

    Work(Broadcast<Parcel> parameters, Broadcast<Parcel> request) {
        this.parameters = parameters;
        this.request = request;
    }

    /** A request, and its direction as an array; null for none. */
    private record At(Request request, INDArray direction) {}

    /** What a task sends back. */
    static final class Sums implements Serializable {

        @Serial
        private static final long serialVersionUID = 1L;

        private final ArrayList<SumTree.Node> nodes;
        private final long nanoseconds;

        private Sums(List<SumTree.Node> nodes, long nanoseconds) {
            this.nodes = new ArrayList<>(nodes);
            this.nanoseconds = nanoseconds;
        }

        List<SumTree.Node> nodes() {
            return nodes;
        }

        /** How long the task worked. */
        long nanoseconds() {
            return nanoseconds;
        }
    }

    @Override
    public Iterator<byte[]> call(Iterator<StoredShard> shards) {
        long start = System.nanoTime();
        Parcel asked = request.value();
        At at = REQUESTS.get(asked.name(), () -> {
            Request own = asked.unpack(Request.class);
            return new At(own, outside(own::direction));
        });
        Parcel sent = parameters.value();
        INDArray theta = PARAMETERS.get(
                sent.name(), () -> outside(() -> sent.unpack(PlainArray.class).toArray()));
        ShardNetwork network = at.request().network();
        SumTree tree = new SumTree(at.request().places());
        while (shards.hasNext()) {
            StoredShard stored = shards.next();
            int place = at.request().place(stored.index());
            if (place >= 0) {
                tree.add(
                        place,
                        network.sum(
                                stored.shard(),
                                theta,
                                at.direction(),
                                at.request().task()));
            }
        }
        Sums sums = new Sums(tree.nodes(), System.nanoTime() - start);
        return List.of(Parcel.pack(sums)).iterator();
    }

    /** Arrays that outlive the task. */
    private static INDArray outside(Supplier<INDArray> made) {
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            return made.get();
        }
    }
}
