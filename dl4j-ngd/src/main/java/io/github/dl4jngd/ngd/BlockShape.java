package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.List;

/**
 * What the memory of a layer's block depends on, beside the minibatch.
 *
 * @param inputs the size of ã
 * @param units the number of units
 * @param form what a row of its Jacobian is made of
 */
record BlockShape(long inputs, long units, RowForm form) {

    /** The shape of a block in its network: where samples are coupled, rows of dense layers are sums, too. */
    static BlockShape of(LinearizedNetwork network, LinearizedNetwork.CompiledBlock block) {
        RowForm form = network.couplesSamples() && block.form() == RowForm.OUTER_PRODUCT
                ? RowForm.SUM_OF_OUTER_PRODUCTS
                : block.form();
        return new BlockShape(block.block().inputs(), block.block().units(), form);
    }

    /** The shapes of all blocks of a network. */
    static List<BlockShape> of(LinearizedNetwork network) {
        return network.compiledLayers().stream()
                .flatMap(layer -> layer.blocks().stream())
                .map(block -> of(network, block))
                .toList();
    }
}
