package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.KfacState;
import java.util.ArrayList;
import java.util.List;

/** K-FAC's factors as numbers and arrays by name. */
final class KfacStateCodec {

    private KfacStateCodec() {}

    static void save(KfacState state, CheckpointState into) {
        into.put("blocks", state.blocks().size());
        into.put("pendingFailed", state.pendingFailed());
        for (int i = 0; i < state.blocks().size(); i++) {
            KfacState.Block block = state.blocks().get(i);
            CheckpointState part = into.part(Integer.toString(i));
            part.put("name", block.name());
            part.put("kronecker", block.kronecker());
            part.put("weight", block.weight());
            part.put("means", block.means());
            part.put("inverses", block.inverses());
            part.put("jitter", block.jitter());
            part.put("pending", block.pending());
            part.put("pendingJitter", block.pendingJitter());
        }
    }

    static KfacState restore(CheckpointState from) {
        List<KfacState.Block> blocks = new ArrayList<>();
        long count = from.integer("blocks");
        for (int i = 0; i < count; i++) {
            CheckpointState part = from.part(Integer.toString(i));
            blocks.add(new KfacState.Block(
                    part.text("name"),
                    part.flag("kronecker"),
                    part.number("weight"),
                    part.list("means"),
                    part.list("inverses"),
                    part.number("jitter"),
                    part.list("pending"),
                    part.number("pendingJitter")));
        }
        return new KfacState(blocks, from.flag("pendingFailed"));
    }
}
