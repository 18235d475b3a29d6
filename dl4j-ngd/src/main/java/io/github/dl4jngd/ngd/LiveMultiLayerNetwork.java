package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.network.BatchStatistics;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A {@link MultiLayerNetwork} that trains. */
record LiveMultiLayerNetwork(MultiLayerNetwork model) implements LiveModel {

    @Override
    public LinearizedNetwork compile(BatchStatistics statistics) {
        return LinearizedNetwork.of(model, statistics);
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
        model.setUpdater(new MultiLayerUpdater(model, state));
    }

    @Override
    public PreconditionedUpdater precondition(Preconditioner preconditioner) {
        NaturalGradientUpdater updater =
                new NaturalGradientUpdater(model, model.getUpdater().getStateViewArray(), preconditioner);
        model.setUpdater(updater);
        return updater;
    }

    @Override
    public List<INDArray> inputs() {
        return model.getInput() == null ? null : List.of(model.getInput());
    }

    @Override
    public INDArray labels() {
        return model.getLabels();
    }

    @Override
    public boolean isMasked() {
        for (Layer layer : model.getLayers()) {
            if (layer.getMaskArray() != null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Layer layer(String key) {
        return model.getLayer(Integer.parseInt(key));
    }
}
