package io.github.dl4jngd.fisher.internal.training;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.optimize.Solver;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A {@link ComputationGraph} that trains. */
record LiveComputationGraph(ComputationGraph model) implements LiveModel {

    /** DL4J keeps a graph's labels to itself, and its output layer has let go of them when the updater is called. */
    private static final VarHandle LABELS = ModelFields.handle(ComputationGraph.class, "labels", INDArray[].class);

    private static final ModelFields FIELDS = new ModelFields(ComputationGraph.class);

    @Override
    public LinearizedNetwork compile(BatchStatistics statistics) {
        return LinearizedNetwork.of(model, statistics);
    }

    @Override
    public @Nullable List<@Nullable INDArray> inputs() {
        // Arrays.asList: an input may be missing
        return model.getInputs() == null ? null : Arrays.asList(model.getInputs());
    }

    @Override
    public @Nullable List<@Nullable INDArray> labels() {
        INDArray @Nullable [] labels = (INDArray[]) LABELS.get(model);
        // Arrays.asList: labels may be missing
        return labels == null ? null : Arrays.asList(labels);
    }

    @Override
    public List<@Nullable INDArray> lossMasks() {
        putMasksBack();
        List<@Nullable INDArray> masks = new ArrayList<>();
        for (String output : model.getConfiguration().getNetworkOutputs()) {
            masks.add(model.getLayer(output).getMaskArray());
        }
        return masks;
    }

    /** A graph's layers let go of their masks on the way back; the graph keeps those of its inputs and outputs. */
    private void putMasksBack() {
        if (isAnyPresent(model.getInputMaskArrays()) || isAnyPresent(model.getLabelMaskArrays())) {
            model.setLayerMaskArrays(model.getInputMaskArrays(), model.getLabelMaskArrays());
        }
    }

    private static boolean isAnyPresent(INDArray @Nullable [] masks) {
        return masks != null && Arrays.stream(masks).anyMatch(Objects::nonNull);
    }

    @Override
    public Map<String, INDArray> layerMasks() {
        putMasksBack();
        List<String> outputs = model.getConfiguration().getNetworkOutputs();
        Map<String, INDArray> masks = new TreeMap<>();
        for (GraphVertex vertex : model.getVertices()) {
            INDArray mask = vertex.hasLayer() ? vertex.getLayer().getMaskArray() : null;
            if (mask != null && !outputs.contains(vertex.getVertexName())) {
                masks.put(vertex.getVertexName(), mask);
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
        return model.getLayer(key);
    }

    @Override
    public @Nullable Object updater() {
        return model.getUpdater(false);
    }

    @Override
    public int iteration() {
        return model.getConfiguration().getIterationCount();
    }

    @Override
    public int epoch() {
        return model.getConfiguration().getEpochCount();
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
