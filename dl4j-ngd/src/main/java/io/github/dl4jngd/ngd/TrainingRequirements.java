package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What a natural gradient asks of a model's way of training. What layers and losses there are rules for is the network
 * compiler's to say.
 */
final class TrainingRequirements {

    private TrainingRequirements() {}

    /**
     * Looks at the model and changes nothing.
     *
     * @throws UnsupportedModelException if it trains in a way that the method's formulas do not hold for
     */
    static void check(UpdaterSlot model, LinearizedNetwork network, NaturalGradientConfiguration configuration) {
        checkModel(model, network);
        checkCurvature(network, configuration);
        checkRegularization(model, network, configuration);
    }

    private static void checkModel(UpdaterSlot model, LinearizedNetwork network) {
        OptimizationAlgorithm algorithm = model.configuration().getOptimizationAlgo();
        if (algorithm != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            throw new UnsupportedModelException("The model's optimisation algorithm is " + algorithm
                    + "; a natural gradient needs STOCHASTIC_GRADIENT_DESCENT");
        }
        if (model.backpropType() != BackpropType.Standard) {
            throw new UnsupportedModelException(
                    "The model trains by " + model.backpropType() + "; a natural gradient needs Standard");
        }
        if (network.parameters().dataType().width() < DataType.FLOAT.width()) {
            throw new UnsupportedModelException("The model's parameters are "
                    + network.parameters().dataType() + ", in which gradients and factors under- and overflow; use "
                    + "model.convertDataType(DataType.FLOAT)");
        }
        if (network.trainableLayers().isEmpty()) {
            throw new UnsupportedModelException("All of the model's layers are frozen or have no parameters");
        }
    }

    private static void checkCurvature(LinearizedNetwork network, NaturalGradientConfiguration configuration) {
        if (configuration.adaptiveDamping().isPresent()
                && network.isNormalized()
                && network.statistics() != BatchStatistics.COUPLED) {
            throw new UnsupportedModelException(
                    "Adaptive damping compares a step with the model's prediction, which with "
                            + network.statistics()
                            + " batch statistics is of another function; use batchStatistics(COUPLED) or a constant damping");
        }
        if (configuration.stepScaling() == StepScaling.ANALYTIC
                && network.couplesSamples()
                && !MethodRule.of(configuration).knowsIsotropyOfEveryModel()) {
            throw new UnsupportedModelException(
                    "Batch statistics couple the samples, for which there is no analytic isotropy constant; use "
                            + "stepScaling(MEASURED)");
        }
        if (configuration.stepScaling() == StepScaling.ANALYTIC
                && network.sumsLosses()
                && !MethodRule.of(configuration).knowsIsotropyOfEveryModel()) {
            throw new UnsupportedModelException("The model has the loss of " + network.outputs()
                    + " outputs in several parts, for which there is no analytic isotropy constant; use "
                    + "stepScaling(MEASURED)");
        }
        if (!network.matchesTrainingWithNoise()
                && configuration.damping().value() == 0
                && configuration.dampingSchedule().isEmpty()) {
            throw new UnsupportedModelException(
                    "The model trains with batch statistics that are no part of its linearisation; then a natural gradient needs "
                            + "a damping above zero");
        }
    }

    private static void checkRegularization(
            UpdaterSlot model, LinearizedNetwork network, NaturalGradientConfiguration configuration) {
        if (configuration.gradientRegularization().isEmpty()) {
            return;
        }
        RegularizationRule rule = configuration.gradientRegularization().get();
        if (configuration.preconditions()
                && configuration.damping().value() == 0
                && configuration.dampingSchedule().isEmpty()) {
            throw new UnsupportedModelException(
                    "A regularised gradient is not in the range of the Fisher matrix; its natural gradient needs a damping "
                            + "above zero");
        }
        for (LayerDescription layer : rule instanceof Flooding ? List.<LayerDescription>of() : network.layers()) {
            Layer own = model.live().layer(layer.key()).conf().getLayer();
            if (own instanceof BaseLayer base && base.getWeightNoise() != null) {
                throw new UnsupportedModelException("Layer " + layer.name() + " has weight noise ("
                        + base.getWeightNoise().getClass().getSimpleName()
                        + "), whose draw is known for the weights of the step alone; the gradient at other weights, which "
                        + rule
                        + " takes, would be that of another network. Dropout of activations and Flooding have no "
                        + "such limit");
            }
            if (layer.configuration() instanceof LocalResponseNormalization) {
                throw new UnsupportedModelException("Layer " + layer.name()
                        + " is a LocalResponseNormalization, of which DL4J's gradient is not the derivative; the difference of "
                        + "two gradients, which " + rule + " takes, would be dominated by that");
            }
        }
    }

    /**
     * The updater that a natural gradient is to be put in front of.
     *
     * @throws IllegalStateException if the model has a natural gradient already, or an updater that is not DL4J's own
     */
    static BaseMultiLayerUpdater<?> plainUpdater(UpdaterSlot model) {
        BaseMultiLayerUpdater<?> updater = model.updater();
        if (updater instanceof PreconditionedUpdater present) {
            throw new IllegalStateException(
                    present.isNaturalGradient()
                            ? "The model has a natural gradient attached already; detach it first"
                            : "The model has a gradient regularisation attached already; detach it first. A natural gradient of "
                                    + "regularised gradients has gradientRegularization(rule) in its configuration");
        }
        if (updater.getClass() != model.plainUpdater()) {
            throw new IllegalStateException("The model's updater is a "
                    + updater.getClass().getName() + ", not DL4J's own "
                    + model.plainUpdater().getSimpleName() + "; a natural gradient works in front of that only");
        }
        return updater;
    }

    /**
     * That an updater which took a natural gradient's place is one that it can be put in front of again.
     *
     * @throws IllegalStateException if it is not DL4J's own
     */
    static void requirePlain(UpdaterSlot model, BaseMultiLayerUpdater<?> found) {
        if (found.getClass() != model.plainUpdater()) {
            throw new IllegalStateException("The model's updater is now a "
                    + found.getClass().getName() + ", not Deeplearning4j's own; detach the natural gradient or set "
                    + model.plainUpdater().getSimpleName());
        }
    }
}
