package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.LayerJacobian;
import io.github.dl4jngd.fisher.curvature.LinearMap;
import io.github.dl4jngd.fisher.curvature.OutputRoot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network linearised at one minibatch: its outputs and its Jacobian J = ∂f/∂θ, as a linear map.
 *
 * <p>Cost of a jvp and of a vjp: one matrix product per layer each (two for layers with something below them). Memory: the
 * activations of one forward pass. Arrays are allocated where the caller's ND4J workspace says; the object is not valid beyond
 * it.
 */
public final class Linearization implements LinearMap {

    private final List<Step> steps;
    private final INDArray outputs;
    private final long parameters;

    /** An operation and what it became at this minibatch. */
    record Step(Operation operation, Operation.Linearized at) {}

    Linearization(List<Step> steps, INDArray outputs, long parameters) {
        this.steps = steps;
        this.outputs = outputs;
        this.parameters = parameters;
    }

    /**
     * The outputs f; logits where a softmax or sigmoid belongs to the loss.
     *
     * @return f, [N, C]
     */
    public INDArray outputs() {
        return outputs;
    }

    @Override
    public int samples() {
        return Math.toIntExact(outputs.size(0));
    }

    @Override
    public long parameters() {
        return parameters;
    }

    @Override
    public INDArray jvp(INDArray tangent) {
        if (tangent.length() != parameters) {
            throw new IllegalArgumentException(
                    "Expected a tangent of length " + parameters + ", got " + tangent.length());
        }
        INDArray flat = tangent.reshape(parameters);
        INDArray x = null;
        for (Step step : steps) {
            x = step.at().jvp(x, flat);
        }
        return x == null ? Nd4j.zerosLike(outputs) : x;
    }

    @Override
    public INDArray vjp(INDArray cotangent) {
        if (!java.util.Arrays.equals(cotangent.shape(), outputs.shape())) {
            throw new IllegalArgumentException(
                    "Expected a cotangent of shape " + java.util.Arrays.toString(outputs.shape()) + ", got "
                            + java.util.Arrays.toString(cotangent.shape()));
        }
        INDArray stacked = cotangent.dup('c').reshape('c', 1, outputs.size(0), outputs.size(1));
        INDArray ones = Nd4j.ones(outputs.dataType(), 1, outputs.size(0));
        INDArray result = Nd4j.create(outputs.dataType(), parameters);
        for (LayerJacobian layer : jacobian(stacked, Parameterization.standard())) {
            layer.block().write(layer.transposeTimes(ones), result);
        }
        return result;
    }

    /**
     * Sends K cotangents back in one pass and captures a and δ of every layer with trainable parameters.
     *
     * @param cotangents [K, N, C]; kept
     * @param scaling the coordinates of the Jacobian's columns
     * @return one factored block of columns a layer, in the model's order
     */
    public List<LayerJacobian> jacobian(INDArray cotangents, Parameterization scaling) {
        List<LayerJacobian> result = new ArrayList<>();
        INDArray delta = cotangents;
        int first = firstTrainable();
        for (int i = steps.size() - 1; i >= first; i--) {
            Step step = steps.get(i);
            if (step.operation().block().isPresent()) {
                result.add(step.at().jacobian(delta, scaling));
            }
            if (i > first) {
                delta = step.at().vjp(delta);
            }
        }
        Collections.reverse(result);
        return result;
    }

    private int firstTrainable() {
        int first = 0;
        while (first < steps.size() && !steps.get(first).operation().block().isPresent()) {
            first++;
        }
        return first;
    }

    /**
     * The square root J̃ = SᵀJ of the minibatch's Fisher information matrix.
     *
     * @param root the columns of S as cotangents
     * @param scaling the coordinates
     * @return J̃ in factored form
     */
    public FisherRoot fisherRoot(OutputRoot root, Parameterization scaling) {
        return new FisherRoot(
                jacobian(root.columns(), scaling),
                samples(),
                Math.toIntExact(root.columns().size(0)),
                parameters,
                root.whitenedResidual());
    }
}
