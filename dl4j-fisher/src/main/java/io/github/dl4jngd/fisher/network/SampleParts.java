package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Junction;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Adds steps to a graph and knows which of its values hold parts of samples.
 *
 * <p>Between two of its preprocessors DL4J makes a sample of every time step, and between a StackVertex and an
 * UnstackVertex of every input. Here these stay parts of their sample, [N, T, …] in place of [N T, …], and steps work
 * on parts: one row of the Jacobian belongs to a sample.
 */
final class SampleParts {

    /** What the parts of samples are. */
    private enum Kind {
        TIME_STEPS,
        STACKED
    }

    private final Graph graph;
    private final Map<Integer, Kind> parted = new HashMap<>();
    /** Values that are known to be [N, features], which a preprocessor for time steps leaves alone, as in DL4J. */
    private final Set<Integer> rows = new HashSet<>();

    SampleParts(Graph graph) {
        this.graph = graph;
    }

    /** Whether a value is [N, T, …] for samples […]. */
    boolean isParted(int value) {
        return parted.containsKey(value);
    }

    /** Operations as they are done on a value: on each of its parts where it has any. */
    List<Operation> on(int value, List<Operation> operations) {
        return isParted(value) ? operations.stream().map(Operations::onParts).toList() : operations;
    }

    /** Adds the place where a layer's dropout acts and returns the value it makes. */
    int addNoise(int value, String layer) {
        return follow(value, graph.addNoise(value, layer, isParted(value)), rows.contains(value));
    }

    /** Adds a layer's operations, as {@link #on} has made them, and returns the value they make. */
    int addLayer(int value, Layer configuration, List<Operation> operations) {
        boolean pools = configuration instanceof GlobalPoolingLayer pooling && pooling.isCollapseDimensions();
        boolean flat = pools || (rows.contains(value) && !(configuration instanceof RepeatVector));
        return follow(value, graph.add(value, operations), flat);
    }

    /** Adds operations of a vertex and returns the value they make. */
    int addVertex(int value, List<Operation> operations) {
        return follow(value, graph.add(value, on(value, operations)), rows.contains(value));
    }

    /** Adds a vertex that gives samples another shape and returns the value it makes. */
    int addReshape(int value, Operation reshape) {
        return whole(value, reshape);
    }

    /** Adds a StackVertex and returns the value it makes. */
    int stack(String name, List<Integer> values) {
        if (values.stream().anyMatch(this::isParted)) {
            throw new UnsupportedModelException("Vertex " + name
                    + ": a stack of time steps, or of stacked inputs, has no rule; stack whole samples");
        }
        int value = graph.add(values, Operations.stack(name));
        parted.put(value, Kind.STACKED);
        return value;
    }

    /** Adds an UnstackVertex and returns the value it makes. */
    int unstack(String name, int value, long part, long parts) {
        if (parted.get(value) != Kind.STACKED) {
            throw new UnsupportedModelException("Vertex " + name
                    + ": it takes apart what no StackVertex has put together, so that samples are left out; use a StackVertex "
                    + "below it, or a DataSet of fewer samples");
        }
        return graph.add(value, List.of(Operations.part(name, part, parts)));
    }

    /** Adds a junction and returns the value it makes. */
    int addJunction(String name, List<Integer> values, Junction junction) {
        boolean parts = isParted(values.get(0));
        if (values.stream().anyMatch(value -> parted.get(value) != parted.get(values.get(0)))) {
            throw new UnsupportedModelException("Vertex " + name
                    + ": it joins whole samples with time steps, or with stacked inputs; put a preprocessor or an "
                    + "UnstackVertex before one of its inputs, so that all are of the same kind");
        }
        int value = graph.add(values, parts ? Operations.onParts(junction) : junction);
        return follow(values.get(0), value, rows.containsAll(values));
    }

    private int follow(int from, int to, boolean flat) {
        Kind parts = parted.get(from);
        if (parts != null) {
            parted.put(to, parts);
        } else if (flat) {
            rows.add(to);
        }
        return to;
    }

    /**
     * Adds a preprocessor's operations.
     *
     * @param value what it takes
     * @param layer the layer's name for messages
     * @param preprocessor null for none
     * @return the value it makes
     */
    int preprocess(int value, String layer, @Nullable InputPreProcessor preprocessor) {
        if (preprocessor == null) {
            return value;
        }
        Class<?> type = preprocessor.getClass();
        if (type == ComposableInputPreProcessor.class) {
            int last = value;
            for (InputPreProcessor part : ((ComposableInputPreProcessor) preprocessor).getInputPreProcessors()) {
                last = preprocess(last, layer, part);
            }
            return last;
        }
        if (type == RnnToFeedForwardPreProcessor.class) {
            RnnToFeedForwardPreProcessor steps = (RnnToFeedForwardPreProcessor) preprocessor;
            return rows.contains(value) ? value : apart(value, layer, steps.getRnnDataFormat());
        }
        if (type == FeedForwardToRnnPreProcessor.class) {
            return together(value, layer, ((FeedForwardToRnnPreProcessor) preprocessor).getRnnDataFormat());
        }
        if (type == RnnToCnnPreProcessor.class) {
            RnnToCnnPreProcessor images = (RnnToCnnPreProcessor) preprocessor;
            int steps = apart(value, layer, images.getRnnDataFormat());
            return whole(
                    steps,
                    Operations.reshape(
                            layer, images.getNumChannels(), images.getInputHeight(), images.getInputWidth()));
        }
        if (type == CnnToRnnPreProcessor.class) {
            int flat = whole(value, Operations.reshape(layer));
            return together(flat, layer, ((CnnToRnnPreProcessor) preprocessor).getRnnDataFormat());
        }
        int last = value;
        for (Operation operation : Preprocessors.operations(layer, preprocessor)) {
            last = whole(last, operation);
        }
        return last;
    }

    /** What changes samples' shape, so that nothing is known of it but its parts. */
    private int whole(int value, Operation operation) {
        return follow(value, graph.add(value, on(value, List.of(operation))), false);
    }

    /** Adds the steps that make parts of time steps. */
    int apart(int value, String layer, RNNFormat format) {
        if (isParted(value)) {
            throw new UnsupportedModelException(
                    "Layer " + layer
                            + ": a preprocessor that makes samples of time steps behind another, or behind a StackVertex, has no rule");
        }
        List<Operation> operations = new ArrayList<>();
        if (format == RNNFormat.NWC) {
            operations.add(Operations.permute(0, 2, 1));
        }
        operations.add(Operations.timeStepsApart(layer));
        int steps = graph.add(value, operations);
        parted.put(steps, Kind.TIME_STEPS);
        return steps;
    }

    /** Adds the steps that make sequences of parts. */
    int together(int value, String layer, RNNFormat format) {
        if (parted.get(value) == Kind.STACKED) {
            throw new UnsupportedModelException(
                    "Layer " + layer
                            + ": a preprocessor that makes sequences of stacked inputs has no rule; put an UnstackVertex before it");
        }
        List<Operation> operations = new ArrayList<>();
        operations.add(Operations.timeStepsTogether(layer));
        if (format == RNNFormat.NWC) {
            operations.add(Operations.permute(0, 2, 1));
        }
        return graph.add(value, operations);
    }
}
