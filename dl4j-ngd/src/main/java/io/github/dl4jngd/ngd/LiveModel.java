package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.network.BatchStatistics;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.ParameterSlice;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;

/** A model that trains, of either of DL4J's classes: its minibatch at hand and its updater. */
interface LiveModel {

    LinearizedNetwork compile(BatchStatistics statistics);

    NeuralNetConfiguration configuration();

    BackpropType backpropType();

    /** DL4J's updater, made if there is none yet. */
    BaseMultiLayerUpdater<?> updater();

    /** DL4J's updater, or null. */
    BaseMultiLayerUpdater<?> updaterIfPresent();

    /** The class of DL4J's own updater. */
    Class<?> plainUpdater();

    /** Puts DL4J's own updater in, with a given state. */
    void restoreUpdater(INDArray state);

    /** Puts a preconditioned updater in, with the state of the one before. */
    PreconditionedUpdater precondition(Preconditioner preconditioner);

    /** The current inputs, first axis N; null if there are none. */
    List<INDArray> inputs();

    /** The current labels, [N, C]; null if there are none. */
    INDArray labels();

    boolean isMasked();

    Layer layer(String key);

    /** What makes the current minibatch unusable, or null. */
    default String objection() {
        if (inputs() == null || inputs().stream().anyMatch(Objects::isNull) || labels() == null) {
            return "the model has no input or labels at hand; train it with fit";
        }
        if (isMasked()) {
            return "the minibatch has a mask array, which no rule covers; train without it (DL4J keeps the mask until "
                    + "clearLayerMaskArrays() is called)";
        }
        return null;
    }

    /** The updater's learning rate in force. */
    default double learningRate(LinearizedNetwork network, int iteration, int epoch) {
        // that of a frozen layer's own updater is never used
        for (LayerDescription description : network.trainableLayers()) {
            Layer live = layer(description.key());
            for (ParameterSlice parameter : description.trainableParameters()) {
                IUpdater updater = live.conf().getLayer().getUpdaterByParam(parameter.name());
                if (updater.hasLearningRate()) {
                    return updater.getLearningRate(iteration, epoch);
                }
            }
        }
        return 1;
    }
}
