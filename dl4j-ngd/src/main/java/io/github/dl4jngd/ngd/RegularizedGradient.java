package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.Products;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.Targets;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Regularises the gradients of steps by a {@link RegularizationRule}, before anything is made of them.
 *
 * <p>The second gradient is that of the network linearised at θ + εg, of the step's own minibatch, masks and dropout:
 * nothing of the live model is run again, so running statistics, listeners, score and counters see one pass. Memory:
 * two vectors of the length of θ.
 */
final class RegularizedGradient {

    private final RegularizationRule rule;
    private final LinearizedNetwork network;
    private final LiveModel model;
    private RegularizationDiagnostics last;

    /**
     * A regularisation.
     *
     * @param network the model as it is trained, or with batch statistics that the curvature alone treats otherwise
     */
    RegularizedGradient(RegularizationRule rule, LinearizedNetwork network, LiveModel model) {
        this.rule = rule;
        this.network = network.matchesTrainingWithNoise() ? network : model.compile(BatchStatistics.COUPLED);
        this.model = model;
    }

    /** A gradient and the loss at the same parameters. */
    private record Elsewhere(INDArray gradient, double loss) {}

    /**
     * Regularises a gradient in place.
     *
     * @param gradient g of the mean data loss over a factor, [P]; modified
     * @param factor what makes it the gradient of the mean
     */
    void regularize(INDArray gradient, double factor, int iteration) {
        long start = System.nanoTime();
        double loss = model.score() - model.penalties();
        double norm = factor * Gradients.norm(gradient);
        double ascent = rule.ascent(norm);
        double sign = rule.sign(loss);
        double ascendedLoss = Double.NaN;
        double differenceNorm = Double.NaN;
        double cosine = Double.NaN;
        if (ascent != 0) {
            INDArray away = gradient.mul(ascent * factor).addi(network.parameters());
            Elsewhere there = at(away);
            ascendedLoss = there.loss();
            cosine = factor * Products.dot(gradient, there.gradient()) / (norm * Gradients.norm(there.gradient()));
            // what has been evaluated is memory for the difference
            differenceNorm =
                    Gradients.norm(away.assign(gradient).muli(factor).subi(there.gradient())) / Math.abs(ascent);
            // in this form a weight of 0 leaves every bit of g, and one of 1 every bit of the other
            gradient.muli(1 - rule.weight()).addi(there.gradient().muli(rule.weight() / factor));
        }
        if (sign < 0) {
            gradient.negi();
        }
        last = new RegularizationDiagnostics(
                iteration,
                loss,
                ascendedLoss,
                norm,
                differenceNorm,
                cosine,
                ascent,
                sign,
                (System.nanoTime() - start) / 1e6);
    }

    private Elsewhere at(INDArray parameters) {
        DataType type = parameters.dataType();
        LinearizedNetwork drawn = network.isNoisy() ? network.with(TrainingNoise.of(model, network)) : network;
        List<INDArray> masks = model.lossMasks();
        Linearization there = drawn.masked(model.layerMasks())
                .at(model.inputs().stream().map(input -> input.castTo(type)).toList(), parameters);
        List<INDArray> labels =
                model.labels().stream().map(own -> own.castTo(type)).toList();
        Targets targets = network.targets(labels, masks);
        double loss = targets.loss().at(there.outputs()).meanLoss(targets.labels());
        INDArray residual = network.knowsOutputLoss() && masks.stream().allMatch(Objects::isNull)
                // as DL4J has it in g, clipped probabilities and all
                ? network.outputLoss(there.outputs(), labels.get(0)).gradient()
                : targets.loss().at(there.outputs()).residual(targets.labels());
        return new Elsewhere(there.vjp(residual).divi(there.samples()), loss);
    }

    /** What it did last; empty before the first step. */
    Optional<RegularizationDiagnostics> lastDiagnostics() {
        return Optional.ofNullable(last);
    }
}
