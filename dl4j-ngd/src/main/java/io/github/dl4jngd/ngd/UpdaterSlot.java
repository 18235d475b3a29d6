package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.network.LiveModel;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where a model, of either of DL4J's classes, keeps its updater. */
interface UpdaterSlot {

    /** The model's minibatch and learning rate. */
    LiveModel live();

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
}
