package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;

/** DL4J's graph vertices without a layer as operations and junctions. */
final class Vertices {

    private static final String SUPPORTED =
            "Supported are ElementWiseVertex, L2NormalizeVertex, LayerVertex, MergeVertex, PoolHelperVertex, PreprocessorVertex, "
                    + "ReshapeVertex, ScaleVertex, ShiftVertex, StackVertex, SubsetVertex, UnstackVertex";

    private Vertices() {}

    /** Adds a vertex to the graph and returns the value it makes. */
    static int add(SampleParts parts, String name, GraphVertex vertex, List<Integer> inputs) {
        Class<?> type = vertex.getClass();
        if (type == ElementWiseVertex.class) {
            ElementWiseVertex.Op op = ((ElementWiseVertex) vertex).getOp();
            return inputs.size() == 1
                    ? inputs.get(0)
                    : parts.addJunction(name, inputs, Operations.combine(name, combination(op)));
        }
        if (type == MergeVertex.class) {
            return inputs.size() == 1
                    ? inputs.get(0)
                    : parts.addJunction(name, inputs, Operations.merge(((MergeVertex) vertex).getMergeAxis()));
        }
        if (type == PreprocessorVertex.class) {
            return parts.preprocess(inputs.get(0), name, ((PreprocessorVertex) vertex).getPreProcessor());
        }
        if (type == StackVertex.class) {
            return parts.stack(name, inputs);
        }
        if (type == UnstackVertex.class) {
            UnstackVertex unstack = (UnstackVertex) vertex;
            return parts.unstack(name, inputs.get(0), unstack.getFrom(), unstack.getStackSize());
        }
        if (type == ReshapeVertex.class) {
            return parts.addReshape(inputs.get(0), reshape(name, (ReshapeVertex) vertex));
        }
        return parts.addVertex(inputs.get(0), operations(name, vertex));
    }

    private static Operations.Combination combination(ElementWiseVertex.Op op) {
        return switch (op) {
            case Add -> Operations.Combination.ADD;
            case Subtract -> Operations.Combination.SUBTRACT;
            case Product -> Operations.Combination.PRODUCT;
            case Average -> Operations.Combination.AVERAGE;
            case Max -> Operations.Combination.MAXIMUM;
        };
    }

    /** DL4J reshapes the minibatch; where its first size is that of the minibatch, that is every sample. */
    private static Operation reshape(String name, ReshapeVertex vertex) {
        int[] shape = vertex.getNewShape();
        if (Character.toLowerCase(vertex.getReshapeOrder()) != 'c') {
            throw unsupported(name, "a reshape in the order '" + vertex.getReshapeOrder() + "' has no rule; use 'c'");
        }
        if (shape.length < 2 || shape[0] != -1) {
            throw unsupported(
                    name,
                    "a reshape to " + Arrays.toString(shape)
                            + " may mix samples; give it the shape [-1, …], whose first axis is the minibatch's, whatever its size");
        }
        return Operations.reshape(
                name, Arrays.stream(shape).skip(1).asLongStream().toArray());
    }

    private static List<Operation> operations(String name, GraphVertex vertex) {
        Class<?> type = vertex.getClass();
        if (type == ScaleVertex.class) {
            return List.of(Operations.scaleShift(((ScaleVertex) vertex).getScaleFactor(), 0));
        }
        if (type == ShiftVertex.class) {
            return List.of(Operations.scaleShift(1, ((ShiftVertex) vertex).getShiftFactor()));
        }
        if (type == SubsetVertex.class) {
            SubsetVertex subset = (SubsetVertex) vertex;
            return List.of(Operations.subset(subset.getFrom(), subset.getTo() + 1L));
        }
        if (type == L2NormalizeVertex.class) {
            L2NormalizeVertex normalize = (L2NormalizeVertex) vertex;
            int[] dimensions = normalize.getDimension();
            return List.of(
                    Operations.l2Normalization(name, normalize.getEps(), dimensions == null ? new int[0] : dimensions));
        }
        if (type == PoolHelperVertex.class) {
            return List.of(Operations.cropping(1, 0, 1, 0));
        }
        throw unsupported(name, vertex.getClass().getSimpleName() + " has no rule. " + SUPPORTED);
    }

    private static UnsupportedModelException unsupported(String name, String problem) {
        return new UnsupportedModelException("Vertex " + name + ": " + problem);
    }
}
