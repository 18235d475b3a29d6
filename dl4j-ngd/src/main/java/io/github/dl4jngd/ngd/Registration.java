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
 */
public final class Registration {

    /** The minibatch size that memory is predicted for until {@link #forSamples(int)} names another. */
    public static final int DEFAULT_SAMPLES = 128;

    private final MethodRule method;
    private final MemoryEstimate estimate;
    private final String configuration;
    private final String loss;
    private final UpdatersInForce updaters;
    private final int trainedLayers;
    private final List<Block> blocks;

    private Registration(
            MethodRule method,
            MemoryEstimate estimate,
            String configuration,
            String loss,
            UpdatersInForce updaters,
            int trainedLayers,
            List<Block> blocks) {
        this.method = method;
        this.estimate = estimate;
        this.configuration = configuration;
        this.loss = loss;
        this.updaters = updaters;
        this.trainedLayers = trainedLayers;
        this.blocks = blocks.stream()
                .map(block -> block.withMemory(block.isTrained() ? method.blockMemory(block.shape(), estimate) : 0))
                .toList();
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

        private static Block untrained(String layer, String type, long parameters, String reason) {
            return new Block(layer, type, parameters, reason, 0, 0, RowForm.FORMED, 0);
        }

        private boolean isTrained() {
            return outputs > 0;
        }

        private BlockShape shape() {
            return new BlockShape(inputs, outputs, form);
        }

        private Block withMemory(long bytes) {
            return new Block(layer, type, parameters, block, inputs, outputs, form, bytes);
        }
    }

    static Registration of(
            LinearizedNetwork network, NaturalGradientConfiguration configuration, UpdatersInForce updaters) {
        MethodRule method = MethodRule.of(configuration);
        long cotangents =
                switch (configuration.fisherType()) {
                    case TRUE -> network.outputs();
                    case MONTE_CARLO -> configuration.monteCarloDraws();
                    case EMPIRICAL -> 1;
                };
        List<Block> blocks = new ArrayList<>();
        for (LinearizedNetwork.CompiledLayer compiled : network.compiledLayers()) {
            blocks.addAll(blocks(compiled, network, method));
        }
        return new Registration(
                method,
                new MemoryEstimate(
                        DEFAULT_SAMPLES,
                        cotangents,
                        network.parameters().dataType().width()),
                configuration.toString(),
                network.lossModel().description()
                        + (network.isNormalized() ? "\nbatch normalisation: " + network.statistics() : ""),
                updaters,
                network.trainableLayers().size(),
                blocks);
    }

    private static List<Block> blocks(
            LinearizedNetwork.CompiledLayer compiled, LinearizedNetwork network, MethodRule method) {
        LayerDescription layer = compiled.layer();
        String type = layer.configuration().getClass().getSimpleName();
        long parameters =
                layer.parameters().stream().mapToLong(ParameterSlice::length).sum();
        List<Block> blocks = new ArrayList<>();
        if (parameters == 0) {
            blocks.add(Block.untrained(layer.name(), type, 0, "no parameters"));
        } else if (!layer.trainable()) {
            blocks.add(Block.untrained(layer.name(), type, parameters, "frozen or below a frozen one"));
        } else if (compiled.blocks().isEmpty()) {
            blocks.add(Block.untrained(layer.name(), type, parameters, "nothing to train"));
        }
        for (LinearizedNetwork.CompiledBlock block : compiled.blocks()) {
            RowForm form = BlockShape.of(network, block).form();
            boolean splits = form != RowForm.FORMED && form != RowForm.SUM_OF_WORDS;
            String note = splits ? method.blockNote(block.block().inputs()) : "";
            blocks.add(new Block(
                    block.block().name(),
                    type,
                    block.block().parameters(),
                    method.blockDescription(form) + note,
                    block.block().inputs(),
                    block.block().units(),
                    form,
                    0));
        }
        return blocks;
    }

    /**
     * The same with the memory predicted for another minibatch size.
     *
     * @param samples the minibatch size, at least 1
     * @return another registration
     * @throws IllegalArgumentException if there are no samples
     */
    public Registration forSamples(int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("A minibatch needs at least one sample, got " + samples);
        }
        return new Registration(
                method, estimate.withSamples(samples), configuration, loss, updaters, trainedLayers, blocks);
    }

    /**
     * The method and its options.
     *
     * @return in words
     */
    public String configuration() {
        return configuration;
    }

    /**
     * The loss and its metric.
     *
     * @return in words
     */
    public String loss() {
        return loss;
    }

    /**
     * The updaters that take the natural gradient for their gradient, with the rates that were in force on attaching.
     *
     * @return such as "Nesterovs, rate 0.1, momentum 0.9"; several are separated by semicolons
     */
    public String updater() {
        return updaters.description();
    }

    /**
     * What does not go together, and what to do.
     *
     * @return sentences, which attaching logged as warnings; empty where everything does
     */
    public List<String> warnings() {
        return updaters.warnings();
    }

    /**
     * The minibatch size that the memory is predicted for.
     *
     * @return N
     */
    public int samples() {
        return Math.toIntExact(estimate.samples());
    }

    /**
     * What is registered for each layer.
     *
     * @return one entry a block, in the model's order; it cannot be modified
     */
    public List<Block> blocks() {
        return blocks;
    }

    /**
     * The predicted memory that belongs to all layers together.
     *
     * @return bytes
     */
    public long sharedMemory() {
        return method.sharedMemory(trainedLayers, estimate);
    }

    /**
     * The predicted memory of all blocks and of what they share.
     *
     * @return bytes
     */
    public long memory() {
        return sharedMemory() + blocks.stream().mapToLong(Block::memory).sum();
    }

    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        table.append(configuration).append('\n');
        table.append("loss: ").append(loss).append('\n');
        table.append("updater: ").append(updater()).append('\n');
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
        if (sharedMemory() > 0) {
            table.append(String.format(
                    Locale.ROOT,
                    format,
                    "all layers",
                    "",
                    "",
                    "matrices of all layers",
                    "",
                    megabytes(sharedMemory())));
        }
        long parameters = blocks.stream().mapToLong(Block::parameters).sum();
        table.append(String.format(
                Locale.ROOT,
                format,
                "total",
                "",
                String.format(Locale.ROOT, "%,d", parameters),
                "predicted at minibatch size " + samples(),
                "",
                megabytes(memory())));
        return table.toString();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
