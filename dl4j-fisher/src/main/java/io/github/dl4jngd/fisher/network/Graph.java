package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.RowForm;
import io.github.dl4jngd.fisher.operation.Maskable;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.Rearrangement;
import io.github.dl4jngd.fisher.operation.Squashing;
import io.github.dl4jngd.fisher.operation.Step;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The compiled network: nodes in topological order. Value i is the i-th input of the network for i below
 * {@link #inputs()}, else the output of node i − inputs.
 */
final class Graph {

    private final int inputs;
    private final List<Node> nodes = new ArrayList<>();
    /** The values that depend on trainable parameters. */
    private final BitSet dependsOnParameters = new BitSet();
    /** By layer: the node that is the identity until a pass's noise takes its place. */
    private final Map<String, NoisyInput> noisyInputs = new HashMap<>();
    /** By layer: the node that makes its output. */
    private final Map<String, Integer> ends = new HashMap<>();

    /** What output layers make, that losses are taken of. */
    private List<Integer> losses = List.of();

    private int output;
    private boolean couplesSamples;

    /**
     * One step and where it stands.
     *
     * @param index its place among the nodes
     * @param value the value it makes
     * @param inputs the values it takes
     */
    record Node(int index, int value, List<Integer> inputs, Step step) {}

    /**
     * Where a layer's dropout acts.
     *
     * @param node its index
     * @param parts whether the input has the parts of samples on its second axis, which DL4J has as samples
     */
    private record NoisyInput(int node, boolean parts) {}

    Graph(int inputs) {
        this.inputs = inputs;
        this.output = inputs - 1;
    }

    /** Adds a step of one input and returns the value it makes. */
    int add(int input, Operation operation) {
        return add(List.of(input), operation);
    }

    /** Adds steps one after the other and returns the last value. */
    int add(int input, List<Operation> operations) {
        int value = input;
        for (Operation operation : operations) {
            value = add(value, operation);
        }
        return value;
    }

    /** Adds the place where a layer's dropout acts, and returns the value it makes. */
    int addNoise(int input, String layer, boolean parts) {
        noisyInputs.put(layer, new NoisyInput(nodes.size(), parts));
        return add(input, Operations.identity());
    }

    /** The same graph with noise in its places; values keep their numbers. */
    Graph with(Map<String, Noise.Affine> noise) {
        Graph noisy = copy();
        noisyInputs.forEach((layer, input) -> {
            Noise.Affine drawn = noise.get(layer);
            if (drawn != null) {
                noisy.replace(
                        nodes.get(input.node()),
                        input.parts()
                                ? Operations.affineOnParts(drawn.factor(), drawn.offset())
                                : Operations.affine(drawn.factor(), drawn.offset()));
            }
        });
        return noisy;
    }

    /** Another list of the same steps. */
    private Graph copy() {
        Graph copy = new Graph(inputs);
        copy.nodes.addAll(nodes);
        copy.dependsOnParameters.or(dependsOnParameters);
        copy.losses = losses;
        copy.output = output;
        copy.couplesSamples = couplesSamples;
        copy.ends.putAll(ends);
        copy.noisyInputs.putAll(noisyInputs);
        return copy;
    }

    /** The layers whose input is noisy in training. */
    Set<String> noisyInputs() {
        return noisyInputs.keySet();
    }

    /** Adds a step and returns the value it makes. */
    int add(List<Integer> from, Step step) {
        int value = inputs + nodes.size();
        boolean moved = from.stream().anyMatch(dependsOnParameters::get);
        // a normalisation of what no trainable parameter moves is a constant
        couplesSamples |= step.couplesSamples() && moved;
        nodes.add(new Node(nodes.size(), value, List.copyOf(from), step));
        dependsOnParameters.set(value, step.block().isPresent() || moved);
        output = value;
        return value;
    }

    /**
     * The softmax over classes or the sigmoid that makes what a loss is taken of, where nothing else takes it and what
     * lies between only arranges numbers in another way.
     *
     * @param taken what the loss is taken of
     * @param eachPosition whether that is [N, C·P], the loss layer's flattened [N, C, positions], and not [N, C]
     */
    Optional<Node> squashing(int taken, boolean eachPosition) {
        Classes classes = eachPosition ? Classes.FLAT : Classes.LAST;
        int value = taken;
        if (uses(taken) > 1) {
            return Optional.empty();
        }
        while (value >= inputs) {
            Node node = nodes.get(value - inputs);
            Squashing squashing = node.step().squashing();
            if (squashing != Squashing.NONE) {
                return squashing == Squashing.SIGMOID || classes == Classes.LAST ? Optional.of(node) : Optional.empty();
            }
            int from = node.inputs().get(0);
            if (node.step().rearrangement() == Rearrangement.NONE || uses(from) > 1) {
                return Optional.empty();
            }
            classes = classes.before(node.step().rearrangement());
            value = from;
        }
        return Optional.empty();
    }

    /** Which axis the classes are, on the way from the output to what made it. */
    private enum Classes {
        /** In [N, C·P], which a reshape of [N, C, positions] has made. */
        FLAT,
        SECOND,
        LAST,
        UNKNOWN;

        /** Which axis they were before a step. */
        Classes before(Rearrangement step) {
            return switch (step) {
                case RESHAPE -> this == FLAT ? SECOND : this == LAST ? LAST : UNKNOWN;
                case LAST_AXIS_TO_SECOND -> this == SECOND ? LAST : UNKNOWN;
                default -> UNKNOWN;
            };
        }
    }

    /**
     * Whether what makes a value, but for another arrangement, is an activation or another step without parameters.
     */
    boolean isActivated(int made) {
        int value = made;
        while (value >= inputs) {
            Node node = nodes.get(value - inputs);
            if (node.step().rearrangement() == Rearrangement.NONE) {
                return node.step().block().isEmpty();
            }
            value = node.inputs().get(0);
        }
        return false;
    }

    /** How many steps and losses take a value. */
    private long uses(int value) {
        return Stream.concat(nodes.stream().flatMap(node -> node.inputs().stream()), losses.stream())
                .filter(input -> input == value)
                .count();
    }

    /** Remembers that a value is a layer's output. */
    void end(String layer, int value) {
        if (value >= inputs) {
            ends.put(layer, value - inputs);
        }
    }

    /**
     * The same graph with masks in the steps of the layers that are named, or, where no step knows masks, on the rows
     * of their outputs; values keep their numbers.
     */
    Graph masked(Map<String, INDArray> masks) {
        Graph masked = copy();
        masks.forEach((layer, mask) -> {
            Node end = nodes.get(Objects.requireNonNull(ends.get(layer), layer));
            Operation step = (Operation) end.step();
            if (step instanceof Maskable maskable) {
                masked.replace(end, maskable.masked(mask));
            } else if (step.worksOnParts()) {
                throw new IllegalArgumentException("Layer " + layer
                        + ": a mask in a layer that works on time steps has no rule; global pooling has one, and the loss "
                        + "takes label masks. Train without the mask");
            } else {
                masked.replace(end, Operations.rowMasked(step, mask));
            }
        });
        return masked;
    }

    /** Puts another step in a node's place. */
    void replace(Node node, Step step) {
        nodes.set(node.index(), new Node(node.index(), node.value(), node.inputs(), step));
    }

    /** Says what the network's losses are taken of. */
    void setLosses(List<Integer> values) {
        losses = List.copyOf(values);
    }

    /** Makes some values the output: matrices [N, …], side by side where there are several. */
    void joinOutputs(List<Integer> values) {
        output = values.size() == 1 ? values.get(0) : add(values, Operations.merge(1));
    }

    int inputs() {
        return inputs;
    }

    int output() {
        return output;
    }

    List<Node> nodes() {
        return nodes;
    }

    /** The trainable parameters, step by step. */
    Stream<ParameterBlock> blocks() {
        return nodes.stream().flatMap(node -> node.step().block().stream());
    }

    /** How many there are; fewer than P where some are frozen. */
    long trainableParameters() {
        return blocks().mapToLong(ParameterBlock::parameters).sum();
    }

    /** The values that depend on trainable parameters, so that cotangents have to reach them; not to be modified. */
    BitSet dependsOnParameters() {
        return dependsOnParameters;
    }

    /** The values that depend on some parameters alone. */
    BitSet dependingOn(Set<ParameterBlock> blocks) {
        BitSet moved = new BitSet();
        for (Node node : nodes) {
            boolean own = node.step().block().filter(blocks::contains).isPresent();
            moved.set(node.value(), own || node.inputs().stream().anyMatch(moved::get));
        }
        return moved;
    }

    /** Whether a cotangent for one sample goes back to all. */
    boolean couplesSamples() {
        return couplesSamples;
    }

    Linearization linearize(List<INDArray> input, INDArray parameters) {
        List<INDArray> values = new ArrayList<>(input);
        List<Step.Linearized> at = new ArrayList<>();
        for (Node node : nodes) {
            Step.Linearized step = node.step()
                    .linearize(node.inputs().stream().map(values::get).toList(), parameters);
            at.add(step);
            values.add(step.output());
        }
        return new Linearization(this, at, values, parameters.length());
    }

    /** What the rows of every layer with trainable parameters are put into. */
    List<RootBuilder> rootBuilders(Linearization linearization, long cotangents) {
        DataType dataType = linearization.outputs().dataType();
        long samples = linearization.samples();
        long rowsOfCotangent = couplesSamples ? 1 : samples;
        return nodes.stream()
                .filter(node -> node.step().block().isPresent())
                .map(node -> {
                    ParameterBlock block = node.step().block().get();
                    if (node.step().rowForm() == RowForm.SUM_OF_WORDS) {
                        return RootBuilder.words(cotangents);
                    }
                    return formsRows(node)
                            ? RootBuilder.formed(block, cotangents * rowsOfCotangent, rowsOfCotangent, dataType)
                            : RootBuilder.factored(block, cotangents, samples, dataType);
                })
                .toList();
    }

    private boolean formsRows(Node node) {
        RowForm form = node.step().rowForm();
        return form != RowForm.SUM_OF_WORDS && (couplesSamples || form != RowForm.OUTER_PRODUCT);
    }

    /**
     * How many cotangents go back at a time so that formed rows and what lies between the layers stay below the limit.
     */
    long cotangentsPerChunk(Linearization linearization, long cotangents, long memoryLimit) {
        int width = linearization.outputs().dataType().width();
        long rows = couplesSamples ? cotangents : cotangents * linearization.samples();
        long formed = 0;
        for (Node node : nodes) {
            if (node.step().block().isPresent() && formsRows(node)) {
                formed += rows * node.step().block().get().parameters() * width;
            }
        }
        if (formed > memoryLimit) {
            throw new MemoryLimitException(String.format(
                    Locale.ROOT,
                    "The rows of the Jacobian, %d for %d samples, take %.3f MB, and the memory limit is %.3f MB; use smaller minibatches, "
                            + "a Monte-Carlo or empirical Fisher, K-FAC, or raise the limit",
                    rows,
                    linearization.samples(),
                    formed / 1e6,
                    memoryLimit / 1e6));
        }
        // on its way back a cotangent is held by a few layers at a time; twice all activations is safely above that
        long each = Math.max(1, 2 * linearization.activations() * width);
        return Math.max(1, Math.min(cotangents, (memoryLimit - formed) / each));
    }
}
