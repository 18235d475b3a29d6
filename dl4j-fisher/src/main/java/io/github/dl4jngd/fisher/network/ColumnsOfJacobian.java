package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.jacobian.Jacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import java.util.BitSet;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Some layers' columns of a network's Jacobian, zero elsewhere. Its products start and end at these layers: nothing is
 * computed below them, and of the layers above only what tangents of their inputs become.
 */
final class ColumnsOfJacobian implements Jacobian {

    private final Linearization linearization;
    private final Set<ParameterBlock> blocks;
    /** The values of the graph that depend on these parameters. */
    private final BitSet moved;

    ColumnsOfJacobian(Linearization linearization, Collection<ParameterBlock> blocks) {
        this.linearization = linearization;
        this.blocks = Set.copyOf(blocks);
        this.moved = linearization.dependingOn(this.blocks);
    }

    private boolean has(Graph.Node node) {
        Optional<ParameterBlock> block = node.step().block();
        return block.isPresent() && blocks.contains(block.get());
    }

    @Override
    public INDArray jvp(INDArray tangent) {
        INDArray flat = linearization.flat(tangent);
        INDArray own = flat.like();
        blocks.forEach(block -> block.write(block.read(flat), own));
        return linearization.forward((node, inputs) -> {
            if (!moved.get(node.value())) {
                return null;
            }
            return has(node) || node.step().block().isEmpty()
                    ? linearization.at(node).forward(inputs, own)
                    : linearization.operation(node).jvpOfInput(inputs.get(0), own);
        });
    }

    @Override
    public INDArray vjp(INDArray cotangent) {
        INDArray result = Nd4j.createUninitialized(dataType(), parameters());
        vjp(cotangent, result);
        return result;
    }

    @Override
    public void vjp(INDArray cotangent, INDArray result) {
        result.assign(0);
        linearization.backward(linearization.stacked(cotangent), moved, (step, node, delta, toInput) -> {
            if (has(node)) {
                return linearization.pullBack(step, node, delta, toInput, result);
            }
            return toInput ? step.vjp(delta) : null;
        });
    }

    @Override
    public int samples() {
        return linearization.samples();
    }

    @Override
    public long parameters() {
        return linearization.parameters();
    }

    @Override
    public DataType dataType() {
        return linearization.dataType();
    }
}
