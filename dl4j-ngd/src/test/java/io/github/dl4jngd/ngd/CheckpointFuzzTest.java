package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Damaged checkpoints: refused with nothing changed, or what was written; with their checksums put right, at least
 * never a crash.
 */
@Timeout(value = 500, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CheckpointFuzzTest {

    private static final int FEW = 150;
    private static final int MANY = 5_000;
    private static final String MANIFEST = "naturalGradient/manifest.json";

    @TempDir
    private static Path folder;

    private MultiLayerNetwork model;
    private List<INDArray> untouched;
    private INDArray saved;

    private static MultiLayerNetwork network() {
        return Models.softmax(settings -> settings.updater(new Adam(0.05)));
    }

    Stream<Fuzzing> readers() throws IOException {
        MultiLayerNetwork trained = network();
        NaturalGradient ngd = NaturalGradient.attach(
                trained, Kfac.builder().damping(0.05).gradualStart(false).build());
        trained.fit(input(0), labels(0));
        Path file = folder.resolve("sound");
        ngd.save(file);
        saved = trained.params().dup();
        model = network();
        untouched = Models.state(model);
        byte[] sound = Files.readAllBytes(file);
        Map<String, byte[]> entries = CheckpointFiles.entries(file);
        return Stream.of(
                fuzzing("checkpoint, anywhere", damage -> damage.on(sound), true),
                fuzzing("checkpoint, manifest", damage -> CheckpointFiles.with(entries, MANIFEST, damage), false),
                fuzzing(
                        "checkpoint, configuration with the right checksum",
                        damage -> CheckpointFiles.withChecksum(entries, "configuration.json", damage),
                        false),
                fuzzing(
                        "checkpoint, parameters with the right checksum",
                        damage -> CheckpointFiles.withChecksum(entries, "coefficients.bin", damage),
                        false),
                fuzzing(
                        "checkpoint, a factor with the right checksum",
                        damage -> CheckpointFiles.withChecksum(entries, "naturalGradient/3.bin", damage),
                        false));
    }

    private Fuzzing fuzzing(String name, Fuzzing.Input input, boolean guarded) {
        return new Fuzzing(name, input, bytes -> read(bytes, guarded), CheckpointException.class);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void damagedCheckpointsAreRefused(Fuzzing fuzzing) throws Exception {
        fuzzing.run(FEW);
    }

    @ParameterizedTest
    @MethodSource("readers")
    @Tag("slow")
    void manyDamagedCheckpointsAreRefused(Fuzzing fuzzing) throws Exception {
        fuzzing.run(MANY);
    }

    /** Into a model at hand, and into a new one. */
    private void read(byte[] bytes, boolean guarded) throws IOException {
        Path file = Files.write(folder.resolve("damaged"), bytes);
        try {
            NaturalGradient restored = NaturalGradient.restore(file, model);
            INDArray parameters = model.params().dup();
            restored.detach();
            model.setParams(untouched.get(0));
            model.getUpdater().getStateViewArray().assign(untouched.get(1));
            if (guarded) {
                assertThat(parameters).isEqualTo(saved);
            }
            assertThat(parameters.shape()).isEqualTo(saved.shape());
        } catch (CheckpointException e) {
            assertThat(Models.state(model)).isEqualTo(untouched);
            assertThat(e).hasMessageContaining(file.toString());
            throw e;
        }
        assertThat(NaturalGradient.restore(file).isAttached()).isTrue();
    }
}
