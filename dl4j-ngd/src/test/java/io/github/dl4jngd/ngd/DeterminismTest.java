package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.state;
import static io.github.dl4jngd.testing.TestNetworks.normal;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The same seed and data give the same parameters, bit for bit, also beside another model in training. */
class DeterminismTest {

    private static final int WIDTH = 40;
    private static final int SAMPLES = 24;

    /** Large enough for products and factorisations that are cut up between cores. */
    private static MultiLayerNetwork network(DataType type) {
        return Models.of(
                settings -> settings.updater(new Nesterovs(0.1, 0.9)).dataType(type),
                Models.dense(20, WIDTH),
                Models.dense(WIDTH, WIDTH),
                Models.output(WIDTH, LossFunction.MCXENT, Activation.SOFTMAX));
    }

    private static List<INDArray> train(MultiLayerNetwork network, NaturalGradientConfiguration configuration) {
        NaturalGradient.attach(network, configuration);
        DataType type = network.params().dataType();
        for (int step = 0; step < 5; step++) {
            Random random = new Random(step);
            INDArray y = Nd4j.zeros(type, SAMPLES, Models.OUT);
            for (int n = 0; n < SAMPLES; n++) {
                y.putScalar(n, random.nextInt(Models.OUT), 1);
            }
            network.fit(normal(random, 1, type, SAMPLES, 20), y);
        }
        return state(network);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void inOneThreadAndInTwo(Method method) throws InterruptedException, ExecutionException {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            NaturalGradientConfiguration configuration = method == Method.KFAC && type == DataType.FLOAT
                    ? Kfac.builder().damping(0.01).build()
                    : Definition.damped(method, 0.01);
            List<INDArray> first = train(network(type), configuration);
            assertThat(first.get(0).isNaN().any()).isFalse();
            assertThat(train(network(type), configuration)).isEqualTo(first);
            List<MultiLayerNetwork> networks = List.of(network(type), network(type));
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                List<Future<List<INDArray>>> both = networks.stream()
                        .map(network -> threads.submit(() -> train(network, configuration)))
                        .toList();
                for (Future<List<INDArray>> future : both) {
                    assertThat(future.get()).isEqualTo(first);
                }
            } finally {
                threads.shutdown();
            }
        }
    }
}
