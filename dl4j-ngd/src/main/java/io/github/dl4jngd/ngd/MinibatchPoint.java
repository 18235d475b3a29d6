package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.FisherOperator;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.network.Targets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A step's minibatch (x, y) and, where the step needs it, the network linearised there. Steps of K-FAC between its
 * updates that measure nothing do without.
 */
final class MinibatchPoint implements StepPoint {

    private final NaturalGradientConfiguration configuration;
    private final LinearizedNetwork network;
    private final List<INDArray> inputs;
    private final List<INDArray> labels;
    private final List<INDArray> masks;
    private final Map<String, INDArray> layerMasks;
    private INDArray targets;
    private Linearization linearization;
    private OutputMetric metric;
    private int outputRank;
    private double loss = Double.NaN;
    /** Caught on a way back that has been gone already; null where it has not. */
    private List<LayerJacobian> caught;

    private boolean wholeGradient = true;

    /** The live model's minibatch, in the type of its parameters, and the network with the noise of its pass. */
    MinibatchPoint(NaturalGradientConfiguration configuration, LinearizedNetwork network, LiveModel model) {
        this.configuration = configuration;
        this.layerMasks = model.layerMasks();
        LinearizedNetwork noisy = network.isNoisy() ? network.with(TrainingNoise.of(model, network)) : network;
        this.network = noisy.masked(layerMasks);
        DataType dataType = network.parameters().dataType();
        this.inputs =
                model.inputs().stream().map(input -> input.castTo(dataType)).toList();
        this.labels = model.labels().stream().map(own -> own.castTo(dataType)).toList();
        this.masks = model.lossMasks();
    }

    @Override
    public void linearize() {
        linearization = network.at(inputs);
        Targets compared = network.targets(labels, masks);
        targets = compared.labels();
        if (!Arrays.equals(targets.shape(), linearization.outputs().shape())) {
            throw new IllegalArgumentException("The labels have shape "
                    + labels.stream().map(own -> Arrays.toString(own.shape())).collect(Collectors.joining(" and "))
                    + ", the network's outputs "
                    + Arrays.toString(linearization.outputs().shape()));
        }
        outputRank = compared.loss().rank(Math.toIntExact(outputs()));
        metric = compared.loss().at(linearization.outputs());
        loss = metric.meanLoss(targets);
    }

    @Override
    public boolean matchesTraining() {
        return network.matchesTraining()
                && configuration.gradientRegularization().isEmpty();
    }

    @Override
    public boolean isLinearized() {
        return linearization != null;
    }

    List<INDArray> inputs() {
        return inputs;
    }

    /** y, as the model has them. */
    List<INDArray> labels() {
        return labels;
    }

    /** The weights of samples or positions in the losses, as each output layer has them; null for one without. */
    List<INDArray> masks() {
        return masks;
    }

    /** The masks that other layers hold, by the layer's key. */
    Map<String, INDArray> layerMasks() {
        return layerMasks;
    }

    /** The labels as a matrix of the outputs' shape. */
    INDArray targets() {
        return targets;
    }

    Linearization linearization() {
        return linearization;
    }

    OutputMetric metric() {
        return metric;
    }

    @Override
    public double loss() {
        return loss;
    }

    @Override
    public long batchSize() {
        return inputs.get(0).size(0);
    }

    @Override
    public int samples() {
        return isLinearized() ? linearization.samples() : 0;
    }

    /** C, at all positions together. */
    long outputs() {
        return linearization.outputs().size(1);
    }

    @Override
    public int outputRank() {
        return outputRank;
    }

    /** Of a linearised minibatch: a coupled one's draw is one row. */
    @Override
    public MemoryEstimate memoryEstimate() {
        long cotangents =
                switch (configuration.fisherType()) {
                    case TRUE -> outputs();
                    case MONTE_CARLO -> configuration.monteCarloDraws();
                    case EMPIRICAL -> 1;
                };
        boolean wholeMinibatch = network.couplesSamples() && configuration.fisherType() == FisherType.MONTE_CARLO;
        return new MemoryEstimate(
                wholeMinibatch ? 1 : samples(),
                cotangents,
                linearization.dataType().width());
    }

    /** r = ∂loss/∂f, [N, C]. */
    INDArray residual() {
        return metric.residual(targets);
    }

    @Override
    public FisherRoot fisherRoot(Random random) {
        return linearization.fisherRoot(
                columns(random), RootOptions.formed(configuration.parameterization(), configuration.memoryLimit()));
    }

    @Override
    public FisherRoot factoredFisherRoot(Random random) {
        return linearization.fisherRoot(
                columns(random), RootOptions.factored(configuration.parameterization(), configuration.memoryLimit()));
    }

    @Override
    public void observe(KroneckerFisher factors, Random random) {
        factors.observe(factoredFisherRoot(random));
    }

    @Override
    public SymmetricOperator fisher() {
        return new FisherOperator(linearization, metric);
    }

    @Override
    public INDArray logitGradient() {
        return linearization.vjp(residual()).divi(samples());
    }

    @Override
    public QuadraticModel quadratic(INDArray gradient, INDArray v, Direction direction, boolean fromLogits) {
        // DL4J clips probabilities in its gradient
        double slope = fromLogits ? Double.NaN : Products.dot(gradient, v);
        return QuadraticModel.of(linearization.jvp(v), metric, targets, samples(), slope, direction.dampingQuadratic());
    }

    /** The columns of S, where they are not too many: with a loss at each of P positions C·P of them, [N, C·P] each. */
    private OutputRoot columns(Random random) {
        if (configuration.fisherType() == FisherType.TRUE) {
            long bytes = outputs()
                    * linearization.outputs().length()
                    * linearization.dataType().width();
            if (bytes > configuration.memoryLimit()) {
                throw new MemoryLimitException(String.format(
                        Locale.ROOT,
                        "The true Fisher matrix of %d outputs sends as many cotangents back, which take %.0f MB, and the memory "
                                + "limit is %.0f MB; use a Monte-Carlo Fisher",
                        outputs(),
                        bytes / 1e6,
                        configuration.memoryLimit() / 1e6));
            }
        }
        return OutputRoot.of(configuration.fisherType(), metric, targets, configuration.monteCarloDraws(), random);
    }

    /**
     * Sends the model's own residual back.
     *
     * @param own ∂Σ_n loss_n/∂f as DL4J has it, [N, C]
     * @param gradient Σ_n J_nᵀr_n, [P]; written to
     * @param rows whether {@link #gradientRows()} will be asked for
     * @param byRowsAlone the blocks whose part of the gradient need not be written where their rows are caught
     */
    void backpropagate(INDArray own, INDArray gradient, boolean rows, Predicate<ParameterBlock> byRowsAlone) {
        boolean catches = rows && isResidual(own);
        Parameterization scaling = catches ? configuration.parameterization() : null;
        List<LayerJacobian> way = linearization.backpropagate(own, gradient, scaling, block -> {
            boolean omitted = catches && byRowsAlone.test(block);
            wholeGradient &= !omitted;
            return omitted;
        });
        caught = catches ? way : null;
    }

    @Override
    public boolean hasWholeGradient() {
        return wholeGradient;
    }

    /** Whether DL4J's residual is r but for rounding, and not clipped as that of a saturated sigmoid is. */
    private boolean isResidual(INDArray own) {
        INDArray r = residual();
        double rounding = r.dataType() == DataType.FLOAT ? 1e-5 : 1e-10;
        return own.sub(r).amaxNumber().doubleValue()
                <= rounding * r.amaxNumber().doubleValue();
    }

    @Override
    public boolean hasRows() {
        return isLinearized();
    }

    @Override
    public List<LayerJacobian> gradientRows() {
        if (caught != null) {
            return caught;
        }
        return linearization.jacobian(Nd4j.expandDims(residual().dup('c'), 0), configuration.parameterization());
    }
}
