package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.internal.training.TrainingNoise;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.Noise;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.ejml.simple.SimpleMatrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Turns a model without natural gradient into what one with it should be: DL4J's summed gradient is overwritten by N
 * (F̂ + ρI)⁻¹g of explicit float64 matrices before DL4J's own updater sees it.
 *
 * <p>The matrices are made of a float64 chain of the same layers, whatever the model's class and type, which takes the
 * model's parameters, and the noise of its dropout and weights, at every step.
 */
final class Twin extends BaseTrainingListener {

    private final MultiLayerNetwork chain;
    private final LinearizedNetwork layout;
    private final boolean noisy;
    private final double[] classWeights;
    private final Method method;
    private final double damping;
    private final List<DataSet> batches;
    private int step;

    Twin(Setting setting, Method method, double damping, List<DataSet> batches) {
        this.chain = (MultiLayerNetwork) ModelClass.MULTI_LAYER_NETWORK.model(setting, DataType.DOUBLE);
        this.layout = LinearizedNetwork.of(chain);
        this.noisy = setting.noisy;
        this.classWeights = setting.classWeights;
        this.method = method;
        this.damping = damping;
        this.batches = batches;
    }

    @Override
    public void onGradientCalculation(Model model) {
        DataSet batch = batches.get(step++);
        int samples = batch.numExamples();
        chain.setParams(model.params().castTo(DataType.DOUBLE));
        Explicit e = new Explicit(
                chain,
                new DataSet(
                        batch.getFeatures().castTo(DataType.DOUBLE),
                        batch.getLabels().castTo(DataType.DOUBLE),
                        batch.getFeaturesMaskArray(),
                        batch.getLabelsMaskArray()),
                LossFunction.MCXENT,
                Parameterization.standard(),
                classWeights,
                inFloat64(TrainingNoise.of(LiveModel.of(model), layout)));
        SimpleMatrix gradient = noisy ? sum(model).divide(samples) : e.gradient;
        // without a division by the minibatch size to come, what the updater gets is still that of the mean
        INDArray direction = Explicit.array(e.direction(method, damping, gradient))
                .muli(model.conf().isMiniBatch() ? samples : 1);
        forEach(model, (slice, view) -> view.assign(slice.of(direction)));
    }

    private static Noise inFloat64(Noise noise) {
        Map<String, Noise.Affine> inputs = new HashMap<>();
        noise.inputs()
                .forEach((layer, drawn) -> inputs.put(
                        layer,
                        new Noise.Affine(
                                drawn.factor().castTo(DataType.DOUBLE),
                                drawn.offset() == null ? null : drawn.offset().castTo(DataType.DOUBLE))));
        Map<String, Map<String, INDArray>> weights = new HashMap<>();
        noise.weights().forEach((layer, drawn) -> {
            Map<String, INDArray> cast = new HashMap<>();
            drawn.forEach((name, array) -> cast.put(name, array.castTo(DataType.DOUBLE)));
            weights.put(layer, cast);
        });
        return new Noise(inputs, weights);
    }

    private SimpleMatrix sum(Model model) {
        INDArray sum = Nd4j.zeros(DataType.DOUBLE, model.numParams());
        forEach(model, (slice, view) -> slice.of(sum).assign(view));
        return Explicit.column(sum);
    }

    private void forEach(Model model, BiConsumer<ParameterSlice, INDArray> action) {
        for (LayerDescription layer : layout.trainableLayers()) {
            for (ParameterSlice slice : layer.trainableParameters()) {
                action.accept(slice, model.gradient().getGradientFor(layer.key() + "_" + slice.name()));
            }
        }
    }
}
