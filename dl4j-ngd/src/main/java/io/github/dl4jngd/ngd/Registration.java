package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What was attached to what: each layer, its parameters, its block and the memory it will take. {@link #toString()} is
 * a table.
 *
 * @param configuration the method and its options in words
 * @param loss the loss and its metric in words
 * @param samples the minibatch size that the memory is predicted for
 * @param blocks one entry a layer, in the model's order
 * @param sharedMemory predicted bytes that belong to all layers together
 */
public record Registration(String configuration, String loss, int samples, List<Block> blocks, long sharedMemory) {

    /**
     * Copies the list.
     *
     * @param configuration the method and its options in words
     * @param loss the loss and its metric in words
     * @param samples the minibatch size that the memory is predicted for
     * @param blocks one entry a layer
     * @param sharedMemory predicted bytes that belong to all layers together
     */
    public Registration {
        blocks = List.copyOf(blocks);
    }

    /**
     * What is registered for one layer: its block, its size and its memory.
     *
     * @param layer the layer's name
     * @param type the class of its configuration
     * @param parameters the number of its parameters
     * @param block what it is to the method, or why it has no block
     * @param inputs the size of ã, or 0
     * @param outputs the number of units, or 0
     * @param form what a row of its Jacobian is made of
     * @param memory predicted bytes, or 0
     */
    public record Block(
            String layer,
            String type,
            long parameters,
            String block,
            long inputs,
            long outputs,
            RowForm form,
            long memory) {

        Block withMemory(long bytes) {
            return new Block(layer, type, parameters, block, inputs, outputs, form, bytes);
        }
    }

    static Registration of(LinearizedNetwork network, NaturalGradientConfiguration configuration, int samples) {
        int bytesPerNumber = network.parameters().dataType().width();
        long cotangents =
                switch (configuration.fisherType()) {
                    case TRUE -> network.outputs();
                    case MONTE_CARLO -> configuration.monteCarloDraws();
                    case EMPIRICAL -> 1;
                };
        MethodRule method = MethodRule.of(configuration);
        List<Block> blocks = new ArrayList<>();
        for (LinearizedNetwork.CompiledLayer compiled : network.compiledLayers()) {
            LayerDescription layer = compiled.layer();
            String type = layer.configuration().getClass().getSimpleName();
            long parameters = layer.parameters().stream()
                    .mapToLong(ParameterSlice::length)
                    .sum();
            if (parameters == 0) {
                blocks.add(new Block(layer.name(), type, 0, "no parameters", 0, 0, RowForm.FORMED, 0));
            } else if (!layer.trainable()) {
                blocks.add(new Block(
                        layer.name(), type, parameters, "frozen or below a frozen one", 0, 0, RowForm.FORMED, 0));
            } else if (compiled.blocks().isEmpty()) {
                blocks.add(new Block(layer.name(), type, parameters, "nothing to train", 0, 0, RowForm.FORMED, 0));
            }
            for (LinearizedNetwork.CompiledBlock block : compiled.blocks()) {
                RowForm form = network.couplesSamples() && block.form() == RowForm.OUTER_PRODUCT
                        ? RowForm.SUM_OF_OUTER_PRODUCTS
                        : block.form();
                Block sized = new Block(
                        block.block().name(),
                        type,
                        block.block().parameters(),
                        method.blockDescription(form)
                                + (form == RowForm.FORMED
                                        ? ""
                                        : method.blockNote(block.block().inputs())),
                        block.block().inputs(),
                        block.block().units(),
                        form,
                        0);
                blocks.add(sized.withMemory(method.blockMemory(sized, samples, cotangents, bytesPerNumber)));
            }
        }
        return new Registration(
                configuration.toString(),
                network.lossModel().description()
                        + (network.isNormalized() ? "\nbatch normalisation: " + network.statistics() : ""),
                samples,
                blocks,
                method.sharedMemory(network.trainableLayers().size(), samples * cotangents));
    }

    /**
     * The predicted memory of all blocks.
     *
     * @return bytes
     */
    public long memory() {
        return sharedMemory + blocks.stream().mapToLong(Block::memory).sum();
    }

    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        table.append(configuration).append('\n');
        table.append("loss: ").append(loss).append('\n');
        String format = "%-16s %-16s %12s  %-34s %15s %12s%n";
        table.append(
                String.format(Locale.ROOT, format, "layer", "type", "parameters", "block", "inputs × units", "memory"));
        for (Block block : blocks) {
            table.append(String.format(
                    Locale.ROOT,
                    format,
                    block.layer(),
                    block.type(),
                    String.format(Locale.ROOT, "%,d", block.parameters()),
                    block.block(),
                    block.outputs() == 0 ? "" : block.inputs() + " × " + block.outputs(),
                    block.memory() == 0 ? "" : megabytes(block.memory())));
        }
        if (sharedMemory > 0) {
            table.append(String.format(
                    Locale.ROOT, format, "all layers", "", "", "matrices of all layers", "", megabytes(sharedMemory)));
        }
        long parameters = blocks.stream().mapToLong(Block::parameters).sum();
        table.append(String.format(
                Locale.ROOT,
                format,
                "total",
                "",
                String.format(Locale.ROOT, "%,d", parameters),
                "predicted at minibatch size " + samples,
                "",
                megabytes(memory())));
        return table.toString();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
