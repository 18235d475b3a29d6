package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;

/** DL4J's graph vertices without a layer as operations and junctions. */
final class Vertices {

    private static final String SUPPORTED =
            "Supported are ElementWiseVertex (Add, Subtract, Product, Average), L2NormalizeVertex, LayerVertex, MergeVertex, "
                    + "PreprocessorVertex, ScaleVertex, ShiftVertex, SubsetVertex";

    private Vertices() {}

    /** Adds a vertex to the graph and returns the value it makes. */
    static int add(Graph graph, String name, GraphVertex vertex, List<Integer> inputs) {
        Class<?> type = vertex.getClass();
        if (type == ElementWiseVertex.class) {
            ElementWiseVertex.Op op = ((ElementWiseVertex) vertex).getOp();
            if (op == ElementWiseVertex.Op.Max) {
                throw unsupported(name, "an element-wise maximum has no rule");
            }
            return inputs.size() == 1
                    ? inputs.get(0)
                    : graph.add(
                            inputs,
                            Operations.combine(
                                    name,
                                    Operations.Combination.valueOf(op.name().toUpperCase(Locale.ROOT))));
        }
        if (type == MergeVertex.class) {
            return inputs.size() == 1
                    ? inputs.get(0)
                    : graph.add(inputs, Operations.merge(((MergeVertex) vertex).getMergeAxis()));
        }
        return graph.add(inputs.get(0), operations(name, vertex));
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
            int[] dimension = normalize.getDimension();
            if (dimension != null && dimension.length > 0) {
                throw unsupported(name, "L2 normalisation over chosen dimensions has no rule; over all it has");
            }
            return List.of(Operations.l2Normalization(normalize.getEps()));
        }
        if (type == PreprocessorVertex.class) {
            return Preprocessors.operations(name, ((PreprocessorVertex) vertex).getPreProcessor());
        }
        throw unsupported(name, vertex.getClass().getSimpleName() + " has no rule. " + SUPPORTED);
    }

    private static UnsupportedModelException unsupported(String name, String problem) {
        return new UnsupportedModelException("Vertex " + name + ": " + problem);
    }
}
