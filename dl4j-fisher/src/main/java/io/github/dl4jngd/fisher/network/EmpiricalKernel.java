package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The empirical tangent kernel Θ = J Jᵀ of a linearised network, of all or some of its parameters, as a linear map of
 * cotangents that is never formed.
 *
 * <p>One product is a pass back and one forward, as for {@code jvp(vjp(u))}. But of a dense layer's gradient ẋ = xᵀδ
 * only x ẋ = (x xᵀ) δ is wanted, so that the layer's own part costs N² out multiplications where the gradient and the
 * tangent made from it take 2 N in out: half of a product's work, where N is a quarter of the layers' width. No vector
 * of the parameters' length is made, unless other steps have parameters: theirs go over their gradient.
 */
public final class EmpiricalKernel {

    private final Linearization linearization;
    private final Set<ParameterBlock> blocks;
    /** The values of the graph that depend on these parameters. */
    private final BitSet moved;
    /** x xᵀ of a dense layer, by its node; null for steps whose part goes over their gradient, or that have none. */
    private final @Nullable INDArray[] grams;
    /** The gradient of the other blocks, [P], zero elsewhere; empty where there are none. */
    private final INDArray gradient;

    /**
     * Makes the x xᵀ that there are.
     *
     * @param linearization J
     * @param blocks the parameters that J's columns belong to
     */
    EmpiricalKernel(Linearization linearization, Collection<ParameterBlock> blocks) {
        this.linearization = linearization;
        this.blocks = Set.copyOf(blocks);
        this.moved = linearization.dependingOn(this.blocks);
        List<Graph.Node> nodes = linearization.nodes();
        this.grams = new @Nullable INDArray[nodes.size()];
        boolean others = false;
        for (Graph.Node node : nodes) {
            Optional<ParameterBlock> block = node.step().block();
            if (block.isPresent()) {
                INDArray gram = has(block) ? linearization.operation(node).inputGram() : null;
                grams[node.index()] = gram;
                others |= gram == null;
            }
        }
        this.gradient = others
                ? Nd4j.zeros(linearization.dataType(), linearization.parameters())
                : Nd4j.empty(linearization.dataType());
    }

    private boolean has(Optional<ParameterBlock> block) {
        return block.isPresent() && blocks.contains(block.get());
    }

    /**
     * Multiplies by the kernel. Not for several threads at once.
     *
     * @param cotangent u, [N, C]; not modified
     * @return J Jᵀ u, [N, C]
     */
    public INDArray times(INDArray cotangent) {
        @Nullable INDArray[] own = new @Nullable INDArray[grams.length];
        linearization.backward(linearization.stacked(cotangent), moved, (step, node, delta, toInput) -> {
            INDArray gram = grams[node.index()];
            if (gram != null) {
                own[node.index()] = Products.times(gram, delta.dup('c').reshape('c', delta.size(1), delta.size(2)));
            } else if (has(node.step().block())) {
                return linearization.pullBack(step, node, delta, toInput, gradient);
            }
            return toInput ? step.vjp(delta) : null;
        });
        return linearization.forward((node, inputs) -> {
            if (!moved.get(node.value())) {
                return null;
            }
            INDArray part = own[node.index()];
            Optional<ParameterBlock> block = node.step().block();
            if (block.isEmpty() || (has(block) && grams[node.index()] == null)) {
                return linearization.at(node).forward(inputs, gradient);
            }
            INDArray below = linearization.operation(node).jvpOfInput(inputs.get(0), gradient);
            return part == null || below == null ? (part == null ? below : part) : below.addi(part);
        });
    }
}
