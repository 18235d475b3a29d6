package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import io.github.dl4jngd.fisher.network.RootOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A step's minibatch (x, y) and, where the step needs it, the network linearised there. Steps of K-FAC between its
 * updates that measure nothing do without.
 */
final class MinibatchPoint {

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final List<INDArray> inputs;
    private final INDArray labels;
    private Linearization linearization;
    private OutputMetric metric;
    private double loss = Double.NaN;

    /** The live model's minibatch, in the type of its parameters, and the network with the noise of its pass. */
    MinibatchPoint(NaturalGradientConfiguration configuration, LinearizedNetwork network, LiveModel model) {
        this.configuration = configuration;
        this.network = network.isNoisy() ? network.with(TrainingNoise.of(model, network)) : network;
        this.inputs = model.inputs().stream()
                .map(input -> input.castTo(network.parameters().dataType()))
                .toList();
        this.labels = model.labels().castTo(network.parameters().dataType());
    }

    /**
     * Runs the network forward.
     *
     * @throws IllegalArgumentException if the labels do not fit the outputs or the loss
     */
    void linearize() {
        linearization = network.at(inputs);
        if (!Arrays.equals(labels.shape(), linearization.outputs().shape())) {
            throw new IllegalArgumentException(
                    "The labels have shape " + Arrays.toString(labels.shape()) + ", the network's outputs "
                            + Arrays.toString(linearization.outputs().shape()));
        }
        network.lossModel().checkLabels(labels);
        metric = network.lossModel().at(linearization.outputs());
        loss = metric.meanLoss(labels);
    }

    /** Whether DL4J's gradient is that of what is linearised here, its noise included. */
    boolean matchesTraining() {
        return network.matchesTraining();
    }

    boolean isLinearized() {
        return linearization != null;
    }

    List<INDArray> inputs() {
        return inputs;
    }

    INDArray labels() {
        return labels;
    }

    Linearization linearization() {
        return linearization;
    }

    OutputMetric metric() {
        return metric;
    }

    /** The mean data loss before the step; NaN where it was not linearised. */
    double loss() {
        return loss;
    }

    /** N; 0 where it was not linearised. */
    int samples() {
        return isLinearized() ? linearization.samples() : 0;
    }

    /** r = ∂loss/∂f, [N, C]. */
    INDArray residual() {
        return metric.residual(labels);
    }

    /**
     * J̃, one row a sample and column of S.
     *
     * @throws MemoryLimitException if its rows have to be formed and do not fit
     */
    FisherRoot fisherRoot(Random random) {
        return linearization.fisherRoot(
                columns(random), RootOptions.formed(configuration.parameterization(), configuration.memoryLimit()));
    }

    /** J̃ as Kronecker factors need it: nothing is formed that they can be summed without. */
    FisherRoot factoredFisherRoot(Random random) {
        return linearization.fisherRoot(
                columns(random), RootOptions.factored(configuration.parameterization(), configuration.memoryLimit()));
    }

    private OutputRoot columns(Random random) {
        return OutputRoot.of(configuration.fisherType(), metric, labels, configuration.monteCarloDraws(), random);
    }

    /** The gradient's rows ã and δ: the residual sent back. */
    List<LayerJacobian> gradientRows() {
        return linearization.jacobian(Nd4j.expandDims(residual().dup('c'), 0), configuration.parameterization());
    }
}
