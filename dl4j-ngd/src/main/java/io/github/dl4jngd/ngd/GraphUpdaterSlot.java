package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The updater of a {@link ComputationGraph}. */
record GraphUpdaterSlot(ComputationGraph model) implements UpdaterSlot {

    @Override
    public LiveModel live() {
        return LiveModel.of(model);
    }

    @Override
    public NeuralNetConfiguration configuration() {
        return model.conf();
    }

    @Override
    public BackpropType backpropType() {
        return model.getConfiguration().getBackpropType();
    }

    @Override
    public BaseMultiLayerUpdater<?> updater() {
        return model.getUpdater();
    }

    @Override
    public BaseMultiLayerUpdater<?> updaterIfPresent() {
        return model.getUpdater(false);
    }

    @Override
    public Class<?> plainUpdater() {
        return ComputationGraphUpdater.class;
    }

    @Override
    public void restoreUpdater(INDArray state) {
        unfuse();
        model.setUpdater(new ComputationGraphUpdater(model, state));
    }

    @Override
    public PreconditionedUpdater precondition(Preconditioner preconditioner, INDArray state) {
        NaturalGradientGraphUpdater updater = new NaturalGradientGraphUpdater(model, state, preconditioner);
        // of the solver at hand, which may be in the middle of a step
        model.setUpdater(updater);
        if (preconditioner.fused().objection().isEmpty()) {
            fuse(preconditioner);
            model.setUpdater(updater);
        }
        return updater;
    }

    @Override
    public Collection<TrainingListener> listeners() {
        return model.getListeners();
    }

    @Override
    public Stream<Layer> layers() {
        return Arrays.stream(model.getLayers())
                .map(layer -> UpdaterSlot.unwrapped(layer.conf().getLayer()));
    }

    @Override
    public String json() {
        return model.getConfiguration().toJson();
    }

    @Override
    public void setCounts(int iteration, int epoch) {
        model.getConfiguration().setIterationCount(iteration);
        model.getConfiguration().setEpochCount(epoch);
    }
}
