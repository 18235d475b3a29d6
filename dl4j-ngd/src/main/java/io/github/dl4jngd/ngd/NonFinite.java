package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Says where NaN or infinity came from: in the order in which it spreads. */
final class NonFinite {

    private NonFinite() {}

    /** The first of input, labels, parameters and gradient that has numbers that are not finite. */
    static String origin(LinearizedNetwork network, LiveModel model, INDArray gradient) {
        Optional<String> minibatch = inMinibatch(model);
        if (minibatch.isPresent()) {
            return minibatch.get();
        }
        String parameters = first(network, network.parameters(), "the parameters");
        if (parameters != null) {
            return parameters;
        }
        String gradients = first(network, gradient, "the gradient");
        return gradients != null
                ? gradients + ", while input, labels and parameters are finite: activations or the loss overflow"
                : "a number overflows in between: input, labels, parameters and the gradient's entries are finite";
    }

    /** Input or labels that are not finite. */
    static Optional<String> inMinibatch(LiveModel model) {
        return first(model.inputs(), "the input", "").or(() -> first(model.labels(), "the labels", " of output"));
    }

    /** The first of some arrays that has such numbers; the arrays may be missing. */
    private static Optional<String> first(List<INDArray> arrays, String what, String numbered) {
        for (int i = 0; arrays != null && i < arrays.size(); i++) {
            if (arrays.get(i) != null && count(arrays.get(i)) > 0) {
                return Optional.of(described(what + (arrays.size() > 1 ? numbered + " " + i : ""), arrays.get(i)));
            }
        }
        return Optional.empty();
    }

    private static String first(LinearizedNetwork network, INDArray flat, String what) {
        for (LayerDescription layer : network.layers()) {
            for (ParameterSlice slice : layer.parameters()) {
                INDArray values = slice.of(flat);
                if (count(values) > 0) {
                    return described(what + " " + slice.name() + " of layer " + layer.name(), values);
                }
            }
        }
        return null;
    }

    private static String described(String what, INDArray values) {
        return count(values) + " of the " + values.length() + " numbers of " + what + " are NaN or infinite";
    }

    static long count(INDArray values) {
        return values.dataType().isFPType()
                ? Nd4j.getExecutioner()
                        .exec(new MatchCondition(values, Conditions.notFinite()))
                        .getLong(0)
                : 0;
    }
}
