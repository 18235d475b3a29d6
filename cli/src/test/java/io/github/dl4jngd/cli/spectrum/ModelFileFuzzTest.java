package io.github.dl4jngd.cli.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.cli.npz.NpyBytes;
import io.github.dl4jngd.testing.Fuzzing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged network files end in an error that names them. */
@Timeout(value = 500, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelFileFuzzTest {

    private static final int FEW = 30;
    private static final int MANY = 4_000;
    private static final String CONFIGURATION = "configuration.json";

    @TempDir
    private Path directory;

    Stream<Fuzzing> readers() throws IOException {
        Map<String, byte[]> entries = entries();
        byte[] whole = NpyBytes.zip(true, entries);
        return Stream.of(
                fuzzing("zip of a network", damage -> damage.on(whole)),
                fuzzing("configuration of a network", damage -> with(entries, CONFIGURATION, damage)),
                fuzzing("coefficients of a network", damage -> with(entries, "coefficients.bin", damage)));
    }

    private Fuzzing fuzzing(String name, Fuzzing.Input input) {
        return new Fuzzing(name, input, this::read, IOException.class);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void damagedNetworksAreRefusedOrRead(Fuzzing fuzzing) throws Exception {
        fuzzing.run(FEW);
    }

    @ParameterizedTest
    @MethodSource("readers")
    @Tag("slow")
    void manyDamagedNetworksAreRefusedOrRead(Fuzzing fuzzing) throws Exception {
        fuzzing.run(MANY);
    }

    /** Deeplearning4j's serializer would make a Java object of it, of any class. */
    @Test
    void objectsAreNotDeserialized() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new Witness());
        }
        Map<String, byte[]> entries = entries();
        entries.put("preprocessor.bin", bytes.toByteArray());
        read(NpyBytes.zip(true, entries));
        assertThat(Witness.awoken).isFalse();
    }

    private static final class Witness implements Serializable {
        private static final long serialVersionUID = 1L;
        private static boolean awoken;

        private void readObject(ObjectInputStream in) {
            awoken = true;
        }
    }

    private void read(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve("model.zip"), input);
        try {
            ModelFile model = ModelFile.read(file);
            assertThat(model.network().parameters().length())
                    .isEqualTo(model.model().numParams());
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(file.toString());
            throw e;
        } catch (IllegalArgumentException e) {
            throw new IOException("not supported: " + e.getMessage(), e);
        }
    }

    private static Map<String, byte[]> entries() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
                .layer(new OutputLayer.Builder().nIn(4).nOut(2).build())
                .build());
        network.init();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network, bytes, false);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] with(Map<String, byte[]> entries, String name, Fuzzing.Damage damage) throws IOException {
        Map<String, byte[]> damaged = new LinkedHashMap<>(entries);
        damaged.computeIfPresent(name, (key, sound) -> damage.on(sound));
        return NpyBytes.zip(true, damaged);
    }
}
