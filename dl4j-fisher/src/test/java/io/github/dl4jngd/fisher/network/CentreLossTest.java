package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.Random;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** DL4J's centre loss: the cross-entropy of the outputs and (λ/2) ‖a − c_y‖² of what goes into the layer. */
class CentreLossTest {

    private static final double TEST_F64 = 1e-9;
    private static final int SAMPLES = 5;
    private static final int FEATURES = 4;
    private static final int CLASSES = 3;

    private static MultiLayerNetwork network(double lambda, Consumer<CenterLossOutputLayer.Builder> options) {
        CenterLossOutputLayer.Builder output = new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .nIn(FEATURES)
                .lambda(lambda)
                .activation(Activation.SOFTMAX);
        options.accept(output);
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(2)
                        .nOut(FEATURES)
                        .activation(Activation.TANH)
                        .build())
                .layer(output.build())
                .build());
        network.init();
        // centres, too
        network.setParams(normal(new Random(7), 0.5, DataType.DOUBLE, 1, network.numParams()));
        return network;
    }

    private static INDArray input() {
        return normal(new Random(8), 1, DataType.DOUBLE, SAMPLES, 2);
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.create(DataType.DOUBLE, SAMPLES, CLASSES);
        for (int n = 0; n < SAMPLES; n++) {
            labels.putScalar(n, (n * n) % CLASSES, 1);
        }
        return labels;
    }

    /** DL4J's summed gradient without what it has for the centres, which is an update. */
    private static INDArray gradient(MultiLayerNetwork model, LinearizedNetwork network) {
        model.setInput(input());
        model.setLabels(labels());
        model.computeGradientAndScore();
        INDArray flat = Nd4j.create(DataType.DOUBLE, model.numParams());
        for (LayerDescription layer : network.trainableLayers()) {
            for (ParameterSlice slice : layer.trainableParameters()) {
                slice.of(flat).assign(model.gradient().getGradientFor(layer.key() + "_" + slice.name()));
            }
        }
        return flat;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 2})
    void gradientAndFisherMatrix(double lambda) {
        MultiLayerNetwork model = network(lambda, options -> {});
        LinearizedNetwork network = LinearizedNetwork.of(model);
        Linearization at = network.at(input());
        Targets targets = network.targets(labels(), null);
        OutputMetric metric = targets.loss().at(at.outputs());
        INDArray expected = gradient(model, network).div(SAMPLES);
        INDArray gradient = at.vjp(metric.residual(targets.labels())).divi(SAMPLES);
        assertThat(relativeError(gradient, expected)).isLessThan(TEST_F64);
        assertThat(metric.meanLoss(targets.labels())).isCloseTo(model.score(), offset(TEST_F64));
        assertThat(network.sumsLosses()).isEqualTo(lambda > 0);

        INDArray fisher = fisher(model, at, lambda);
        OutputRoot columns = OutputRoot.of(FisherType.TRUE, metric, targets.labels(), 1, null);
        FisherRoot root = at.fisherRoot(columns, RootOptions.factored(Parameterization.standard()));
        INDArray rows = root.toDense();
        assertThat(relativeError(rows.transpose().mmul(rows).divi(SAMPLES), fisher))
                .isLessThan(1e-7);
        assertThat(relativeError(root.gradient(), gradient)).isLessThan(1e-7);
    }

    /** J by central differences of the logits and the features, H = diag(p) − ppᵀ and λI. */
    private static INDArray fisher(MultiLayerNetwork model, Linearization at, double lambda) {
        int outputs = lambda == 0 ? CLASSES : CLASSES + FEATURES;
        INDArray theta = model.params();
        INDArray jacobian = Nd4j.create(DataType.DOUBLE, SAMPLES, outputs, theta.length());
        double h = 1e-5;
        for (long p = 0; p < theta.length(); p++) {
            double before = theta.getDouble(p);
            theta.putScalar(p, before + h);
            INDArray up = outputs(model, outputs);
            theta.putScalar(p, before - h);
            INDArray down = outputs(model, outputs);
            theta.putScalar(p, before);
            jacobian.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(p))
                    .assign(up.sub(down).divi(2 * h));
        }
        assertThat(relativeError(outputs(model, outputs), at.outputs())).isLessThan(TEST_F64);
        INDArray fisher = Nd4j.create(DataType.DOUBLE, theta.length(), theta.length());
        for (int n = 0; n < SAMPLES; n++) {
            INDArray f = at.outputs().getRow(n).get(NDArrayIndex.interval(0, CLASSES));
            INDArray e = Transforms.exp(f, true);
            INDArray p = e.div(e.sumNumber().doubleValue()).reshape(CLASSES, 1);
            INDArray metric = Nd4j.eye(outputs).castTo(DataType.DOUBLE).muli(lambda);
            metric.get(NDArrayIndex.interval(0, CLASSES), NDArrayIndex.interval(0, CLASSES))
                    .assign(Nd4j.eye(CLASSES)
                            .castTo(DataType.DOUBLE)
                            .mulColumnVector(p)
                            .sub(p.mmul(p.transpose())));
            INDArray own = jacobian.get(NDArrayIndex.point(n), NDArrayIndex.all(), NDArrayIndex.all())
                    .dup('c');
            fisher.addi(own.transpose().mmul(metric).mmul(own).divi(SAMPLES));
        }
        return fisher;
    }

    /** Logits, and beside them the features, from the model's parameters. */
    private static INDArray outputs(MultiLayerNetwork model, int width) {
        INDArray features = model.feedForward(input()).get(1);
        INDArray logits = features.mmul(model.getParam("1_W")).addiRowVector(model.getParam("1_b"));
        return width == CLASSES ? logits : Nd4j.concat(1, logits, features);
    }

    @Test
    void refusesWhatDl4jTakesInPartOnly() {
        LinearizedNetwork network = LinearizedNetwork.of(network(0.3, options -> {}));
        INDArray mask = Nd4j.ones(DataType.DOUBLE, SAMPLES, 1).putScalar(1, 0, 0.5);
        assertThatThrownBy(() -> network.targets(labels(), mask)).hasMessageContaining("train without the mask");
        assertThatThrownBy(() -> LinearizedNetwork.of(network(0.3, options -> options.dropOut(0.5))))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("CenterLossOutputLayer");
    }

    /** The centres are DL4J's to move. */
    @Test
    void centresAreNoColumns() {
        LinearizedNetwork network = LinearizedNetwork.of(network(0.3, options -> {}));
        assertThat(network.trainableLayers().get(1).trainableParameters())
                .extracting(ParameterSlice::name)
                .containsExactly("W", "b");
        assertThat(network.outputs()).isEqualTo(CLASSES + FEATURES);
    }
}
