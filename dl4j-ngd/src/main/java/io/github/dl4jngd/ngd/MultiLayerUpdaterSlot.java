package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import java.util.Collection;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The updater of a {@link MultiLayerNetwork}. */
record MultiLayerUpdaterSlot(MultiLayerNetwork model) implements UpdaterSlot {

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
        return model.getLayerWiseConfigurations().getBackpropType();
    }

    @Override
    public BaseMultiLayerUpdater<?> updater() {
        return own(model.getUpdater());
    }

    @Override
    public BaseMultiLayerUpdater<?> updaterIfPresent() {
        return own(model.getUpdater(false));
    }

    private static BaseMultiLayerUpdater<?> own(Updater updater) {
        if (updater == null || updater instanceof BaseMultiLayerUpdater<?>) {
            return (BaseMultiLayerUpdater<?>) updater;
        }
        throw new IllegalStateException("The model's updater is a "
                + updater.getClass().getName() + ", not DL4J's own; a natural gradient works in front of that only");
    }

    @Override
    public Class<?> plainUpdater() {
        return MultiLayerUpdater.class;
    }

    @Override
    public void restoreUpdater(INDArray state) {
        unfuse();
        model.setUpdater(new MultiLayerUpdater(model, state));
    }

    @Override
    public PreconditionedUpdater precondition(Preconditioner preconditioner, INDArray state) {
        NaturalGradientUpdater updater = new NaturalGradientUpdater(model, state, preconditioner);
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
        return // a frozen layer's own configuration is not the network's
        model.getLayerWiseConfigurations().getConfs().stream().map(layer -> UpdaterSlot.unwrapped(layer.getLayer()));
    }

    @Override
    public String json() {
        return model.getLayerWiseConfigurations().toJson();
    }

    @Override
    public void setCounts(int iteration, int epoch) {
        model.getLayerWiseConfigurations().setIterationCount(iteration);
        model.getLayerWiseConfigurations().setEpochCount(epoch);
    }
}
