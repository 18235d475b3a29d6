package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.network.MemoryLimitException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The limit holds for the systems that a direction is solved in, and not for the rows of J̃ alone. */
class MemoryLimitTest {

    private static final double DAMPING = 0.5;
    private static final int SAMPLES = 100;
    private static final long ALL = 1L << 30;

    private static INDArray input(int samples) {
        return normal(new Random(3), 1, DataType.DOUBLE, samples, Models.IN);
    }

    private static INDArray labels(int samples) {
        Random random = new Random(4);
        INDArray y = Nd4j.zeros(DataType.DOUBLE, samples, Models.OUT);
        for (int n = 0; n < samples; n++) {
            y.putScalar(n, random.nextInt(Models.OUT), 1);
        }
        return y;
    }

    private static NaturalGradientConfiguration limited(Method method, long bytes) {
        return switch (method) {
            case EXACT ->
                ExactNaturalGradient.builder()
                        .damping(DAMPING)
                        .memoryLimit(bytes)
                        .build();
            case LAYER_WISE ->
                LayerWiseNaturalGradient.builder()
                        .damping(DAMPING)
                        .memoryLimit(bytes)
                        .build();
            case BLOCK_TRI_DIAGONAL ->
                BlockTriDiagonalNaturalGradient.builder()
                        .damping(DAMPING)
                        .memoryLimit(bytes)
                        .build();
            case UNIT_WISE ->
                UnitWiseNaturalGradient.builder()
                        .damping(DAMPING)
                        .memoryLimit(bytes)
                        .build();
            case KFAC ->
                Kfac.builder()
                        .damping(DAMPING)
                        .factorDecay(0)
                        .factorInterval(1)
                        .inverseInterval(1)
                        .memoryLimit(bytes)
                        .build();
            case EKFAC ->
                Ekfac.builder()
                        .damping(DAMPING)
                        .factorDecay(0)
                        .factorInterval(1)
                        .inverseInterval(1)
                        .memoryLimit(bytes)
                        .build();
        };
    }

    /** Dense rows are never formed, and their 300 × 300 systems of 720 kB are what does not fit. */
    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"EXACT", "LAYER_WISE"})
    void systemsThatDoNotFitAreSolvedByConjugateGradients(Method method) {
        INDArray[] steps = new INDArray[2];
        for (int i = 0; i < 2; i++) {
            MultiLayerNetwork network = Models.softmax();
            INDArray before = network.params().dup();
            NaturalGradient natural = NaturalGradient.attach(network, limited(method, i == 0 ? ALL : 1_000_000));
            network.fit(input(SAMPLES), labels(SAMPLES));
            String note = natural.lastDiagnostics().orElseThrow().note();
            assertThat(note.contains("products with F")).isEqualTo(i == 1);
            steps[i] = network.params().sub(before);
        }
        assertThat(steps[1].sub(steps[0]).norm2Number().doubleValue())
                .isLessThan(1e-3 * steps[0].norm2Number().doubleValue());
    }

    /** The case that ended training: a system of 20,481 rows, 3.4 GB a matrix, under a limit of 1 MB. */
    @Test
    void aSystemOfGigabytesIsNeverAllocated() {
        int samples = 6827;
        MultiLayerNetwork network = Models.softmax();
        NaturalGradient natural = NaturalGradient.attach(network, limited(Method.EXACT, 1_000_000));
        assertThat(natural.registration().forSamples(samples).sharedMemory()).isEqualTo(3L * 8 * 20481 * 20481);
        network.fit(input(samples), labels(samples));
        assertThat(natural.lastDiagnostics().orElseThrow().note()).contains("products with F");
    }

    /** Where there is no such form the method is refused by name, with the size that the registration predicts. */
    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"BLOCK_TRI_DIAGONAL", "UNIT_WISE", "KFAC", "EKFAC"})
    void otherMethodsAreRefusedByName(Method method) {
        MultiLayerNetwork network = Models.softmax();
        INDArray before = network.params().dup();
        NaturalGradient natural = NaturalGradient.attach(network, limited(method, 100));
        assertThatThrownBy(() -> network.fit(input(SAMPLES), labels(SAMPLES)))
                .isInstanceOf(NaturalGradientException.class)
                .hasRootCauseInstanceOf(MemoryLimitException.class)
                .hasMessageContaining(natural.configuration().methodName())
                .hasMessageContaining("memory limit");
        assertThat(network.params()).isEqualTo(before);
    }

    @Test
    void theMessageHasTheSizeThatTheRegistrationPredicts() {
        MultiLayerNetwork network = Models.softmax();
        NaturalGradient natural = NaturalGradient.attach(network, limited(Method.BLOCK_TRI_DIAGONAL, 100));
        double predicted = natural.registration().forSamples(SAMPLES).sharedMemory() / 1e6;
        assertThatThrownBy(() -> network.fit(input(SAMPLES), labels(SAMPLES)))
                .hasMessageContaining(String.format(Locale.ROOT, "take %.3f MB", predicted));
    }

    /** A Monte-Carlo Fisher has fewer rows, and no conjugate gradients: the error says so. */
    @Test
    void whatConjugateGradientsDoNotSolveIsRefused() {
        MultiLayerNetwork network = Models.softmax();
        NaturalGradient.attach(
                network,
                ExactNaturalGradient.builder()
                        .damping(DAMPING)
                        .fisherType(FisherType.MONTE_CARLO)
                        .memoryLimit(100)
                        .build());
        assertThatThrownBy(() -> network.fit(input(SAMPLES), labels(SAMPLES)))
                .hasMessageContaining("100 rows")
                .hasMessageContaining("Conjugate gradients")
                .hasMessageContaining("true Fisher");
    }

    /** A convolution's rows are formed: these fit, and the systems beside them do not. */
    @Test
    void convolutionsWhoseRowsFit() {
        List<Long> limits = List.of(ALL, 400_000L);
        INDArray[] steps = new INDArray[2];
        for (int i = 0; i < 2; i++) {
            MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .dataType(DataType.DOUBLE)
                    .updater(new Sgd(1))
                    .list()
                    .layer(new ConvolutionLayer.Builder(3, 3)
                            .nOut(2)
                            .activation(Activation.TANH)
                            .build())
                    .layer(new GlobalPoolingLayer(PoolingType.AVG))
                    .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(Models.OUT)
                            .activation(Activation.SOFTMAX)
                            .build())
                    .setInputType(InputType.convolutional(4, 4, 1))
                    .build());
            network.init();
            INDArray before = network.params().dup();
            NaturalGradient natural = NaturalGradient.attach(network, limited(Method.EXACT, limits.get(i)));
            network.fit(normal(new Random(6), 1, DataType.DOUBLE, SAMPLES, 1, 4, 4), labels(SAMPLES));
            assertThat(natural.lastDiagnostics().orElseThrow().note().contains("products with F"))
                    .isEqualTo(i == 1);
            steps[i] = network.params().sub(before);
        }
        assertThat(steps[1].sub(steps[0]).norm2Number().doubleValue())
                .isLessThan(1e-3 * steps[0].norm2Number().doubleValue());
    }
}
