package io.github.dl4jngd.fisher.internal.training;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.Solver;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A {@link MultiLayerNetwork} that trains. */
record LiveMultiLayerNetwork(MultiLayerNetwork model) implements LiveModel {

    private static final ModelFields FIELDS = new ModelFields(MultiLayerNetwork.class);

    @Override
    public LinearizedNetwork compile(BatchStatistics statistics) {
        return LinearizedNetwork.of(model, statistics);
    }

    @Override
    public @Nullable List<@Nullable INDArray> inputs() {
        return model.getInput() == null ? null : List.of(model.getInput());
    }

    @Override
    public @Nullable List<@Nullable INDArray> labels() {
        return model.getLabels() == null ? null : List.of(model.getLabels());
    }

    @Override
    public List<@Nullable INDArray> lossMasks() {
        return Collections.singletonList(model.getLayer(model.getnLayers() - 1).getMaskArray());
    }

    @Override
    public Map<String, INDArray> layerMasks() {
        Map<String, INDArray> masks = new TreeMap<>();
        for (int i = 0; i < model.getnLayers() - 1; i++) {
            INDArray mask = model.getLayer(i).getMaskArray();
            if (mask != null) {
                masks.put(String.valueOf(i), mask);
            }
        }
        return masks;
    }

    @Override
    public void clearMasks() {
        model.clearLayerMaskArrays();
    }

    @Override
    public Layer layer(String key) {
        return model.getLayer(Integer.parseInt(key));
    }

    @Override
    public @Nullable Object updater() {
        return model.getUpdater(false);
    }

    @Override
    public int iteration() {
        return model.getLayerWiseConfigurations().getIterationCount();
    }

    @Override
    public int epoch() {
        return model.getLayerWiseConfigurations().getEpochCount();
    }

    @Override
    public double score() {
        return model.score();
    }

    @Override
    public boolean isMeanGradient() {
        return model.conf().isMiniBatch();
    }

    @Override
    public List<Layer> layers() {
        return List.of(model.getLayers());
    }

    @Override
    public double penalties() {
        return model.calcRegularizationScore(true);
    }

    @Override
    public INDArray gradientVector() {
        if (model.getGradientsViewArray() == null) {
            model.initGradientsView();
        }
        return model.getGradientsViewArray();
    }

    @Override
    public void setPass(Gradient gradient, double score) {
        FIELDS.setGradient(model, gradient);
        model.setScore(score);
    }

    @Override
    public @Nullable Solver solver() {
        return FIELDS.solver(model);
    }

    @Override
    public void setSolver(@Nullable Solver solver) {
        FIELDS.setSolver(model, solver);
    }
}
