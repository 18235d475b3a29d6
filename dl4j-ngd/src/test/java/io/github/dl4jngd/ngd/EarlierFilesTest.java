package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.testing.KnownDefect;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Files of an earlier build of this library: what a rearrangement of the code must not make unreadable. They were
 * written by {@link #main}, at the commit that added this test; written anew they would prove nothing.
 */
class EarlierFilesTest {

    private static final String EARLIER = "kfac-7.zip";
    private static final String LATER = "kfac-12.zip";
    private static final String MARKED = "marked-model.zip";

    @TempDir
    private Path folder;

    private static MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(0.05))
                .activation(Activation.TANH)
                .l2(1e-3)
                .list()
                .layer(new DenseLayer.Builder().nOut(4).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(5))
                .build());
        network.init();
        return network;
    }

    /**
     * Everything that lives across steps is in use: averages, inverses on the way, adapted damping, the guard, both
     * generators.
     */
    private static Kfac configuration() {
        return Kfac.builder()
                .factorInterval(2)
                .inverseInterval(4)
                .asynchronousInverses(true)
                .adaptiveDamping(LevenbergMarquardt.DEFAULT)
                .divergenceGuard(DivergenceGuard.DEFAULT)
                .seed(3)
                .build();
    }

    private static void train(MultiLayerNetwork network, int steps) {
        for (int step = 0; step < steps; step++) {
            Random random = new Random(network.getIterationCount());
            INDArray x = normal(random, 1, DataType.DOUBLE, 8, 5);
            network.fit(new DataSet(x, normal(random, 1, DataType.DOUBLE, 8, 2)));
        }
    }

    @BeforeEach
    void theFilesAreOfTheLaterLine() {
        KnownDefect.FILES_OF_THE_LATER_LINE.skip();
    }

    private Path file(String name) throws IOException {
        Path copy = folder.resolve(name);
        try (InputStream in = EarlierFilesTest.class.getResourceAsStream("earlier/" + name)) {
            Files.copy(in, copy);
        }
        return copy;
    }

    /** Read and written again, it is the same to the last bit. */
    @Test
    void aCheckpointIsReadWhole() throws IOException {
        Path earlier = file(EARLIER);
        Path again = folder.resolve("again.zip");
        try (NaturalGradient restored = NaturalGradient.restore(earlier)) {
            restored.save(again);
        }
        CheckpointFile.Content before = CheckpointFile.read(earlier);
        CheckpointFile.Content after = CheckpointFile.read(again);
        assertThat(after.parameters()).isEqualTo(before.parameters());
        assertThat(after.updaterState()).isEqualTo(before.updaterState());
        assertThat(after.state().values()).containsAllEntriesOf(before.state().values());
        for (Map.Entry<String, INDArray> array : before.state().arrays().entrySet()) {
            assertThat(after.state().arrays().get(array.getKey()))
                    .as(array.getKey())
                    .isEqualTo(array.getValue());
        }
        assertThat(after.state().arrays()).hasSameSizeAs(before.state().arrays());
    }

    /** The same steps follow; to rounding only, because other processors add in another order. */
    @Test
    void trainingGoesOnAsItDid() throws IOException {
        try (NaturalGradient restored = NaturalGradient.restore(file(EARLIER))) {
            MultiLayerNetwork network = (MultiLayerNetwork) restored.model();
            train(network, 5);
            CheckpointFile.Content later = CheckpointFile.read(file(LATER));
            assertThat(relativeError(network.params(), later.parameters())).isLessThan(1e-12);
            assertThat(relativeError(network.getUpdater().getStateViewArray(), later.updaterState()))
                    .isLessThan(1e-12);
        }
    }

    @Test
    void aSavedModelIsKnownByItsMark() throws IOException {
        MultiLayerNetwork network = MultiLayerNetwork.load(file(MARKED).toFile(), true);
        assertThatThrownBy(() -> train(network, 1))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("mark of a natural gradient (kfac)");
        try (NaturalGradient attached = NaturalGradient.attach(network, configuration())) {
            train(network, 1);
            assertThat(attached.lastDiagnostics()).isPresent();
        }
    }

    /**
     * Writes the files.
     *
     * @param args the folder to write into
     * @throws IOException when that fails
     */
    public static void main(String... args) throws IOException {
        Path target = Files.createDirectories(Path.of(args[0]));
        MultiLayerNetwork network = network();
        try (NaturalGradient attached = NaturalGradient.attach(network, configuration())) {
            train(network, 7);
            attached.save(target.resolve(EARLIER));
            train(network, 5);
            attached.save(target.resolve(LATER));
            network.save(target.resolve(MARKED).toFile(), true);
        }
    }
}
