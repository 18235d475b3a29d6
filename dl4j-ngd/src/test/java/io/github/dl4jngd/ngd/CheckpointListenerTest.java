package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class CheckpointListenerTest {

    private static final NaturalGradientConfiguration EXACT = Definition.damped(Method.EXACT, 0.05);

    @TempDir
    private Path folder;

    private static MultiLayerNetwork network() {
        return Models.softmax(settings -> settings.updater(new Adam(0.05)));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static ExistingDataSetIterator data() {
        return new ExistingDataSetIterator(IntStream.range(0, 4)
                .mapToObj(batch -> new DataSet(input(batch), labels(batch)))
                .toList());
    }

    @Test
    void theLastAndTheBestAreKept() throws IOException {
        double[] losses = {5, 3, 4, 6, 7, 2.5, 8};
        int[] next = {0};
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, EXACT);
        Files.writeString(folder.resolve("checkpoint-notes.txt"), "mine");
        network.addListeners(CheckpointListener.builder(folder)
                .every(2)
                .keepLast(2)
                .keepBest(model -> losses[next[0]++])
                .build());
        for (int batch = 0; batch < 10; batch++) {
            network.fit(input(batch), labels(batch));
        }
        assertThat(files())
                .containsExactly(
                        "checkpoint-10.zip", "checkpoint-8.zip", CheckpointListener.BEST, "checkpoint-notes.txt");
        assertThat(CheckpointListener.latest(folder)).contains(folder.resolve("checkpoint-10.zip"));
        assertThat(iterations(folder.resolve(CheckpointListener.BEST))).isEqualTo(4);
        assertThat(iterations(folder.resolve("checkpoint-8.zip"))).isEqualTo(8);
    }

    private static int iterations(Path file) throws IOException {
        return ((MultiLayerNetwork) NaturalGradient.restore(file).model()).getIterationCount();
    }

    /** Training by epochs with a schedule of epochs, interrupted at the end of one. */
    @Test
    void epochsGoOn() throws IOException {
        MultiLayerNetwork whole = Models.softmax(
                settings -> settings.updater(new Sgd(new ExponentialSchedule(ScheduleType.EPOCH, 0.5, 0.5))));
        NaturalGradient.attach(whole, EXACT);
        whole.addListeners(CheckpointListener.builder(folder).keepLast(10).build());
        whole.fit(data(), 3);
        assertThat(files()).containsExactly("checkpoint-12.zip", "checkpoint-4.zip", "checkpoint-8.zip");
        MultiLayerNetwork resumed = (MultiLayerNetwork)
                NaturalGradient.restore(folder.resolve("checkpoint-4.zip")).model();
        assertThat(resumed.getEpochCount()).isEqualTo(1);
        resumed.fit(data(), 2);
        assertThat(resumed.params()).isEqualTo(whole.params());
        assertThat(resumed.getEpochCount()).isEqualTo(whole.getEpochCount());
    }

    @Test
    void aDamagedOneIsPassedOver() throws IOException {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, EXACT);
        network.addListeners(CheckpointListener.builder(folder).every(1).build());
        network.fit(input(0), labels(0));
        network.fit(input(1), labels(1));
        Path last = folder.resolve("checkpoint-2.zip");
        byte[] bytes = Files.readAllBytes(last);
        bytes[bytes.length / 2] ^= 1;
        Files.write(last, bytes);
        assertThat(CheckpointListener.latest(folder)).contains(folder.resolve("checkpoint-1.zip"));
        assertThat(CheckpointListener.latest(folder.resolve("none"))).isEmpty();
    }

    /** What cannot be written does not stop training. */
    @Test
    void aFolderThatCannotBeMade() throws IOException {
        Path inTheWay = Files.writeString(folder.resolve("file"), "");
        MultiLayerNetwork network = network();
        MultiLayerNetwork without = network();
        NaturalGradient.attach(network, EXACT);
        NaturalGradient.attach(without, EXACT);
        network.addListeners(CheckpointListener.builder(inTheWay).every(1).build());
        for (int batch = 0; batch < 3; batch++) {
            network.fit(input(batch), labels(batch));
            without.fit(input(batch), labels(batch));
        }
        assertThat(network.params()).isEqualTo(without.params());
        assertThat(files()).containsExactly("file");
    }

    @Test
    void withoutANaturalGradientThereIsNothingToWrite() throws IOException {
        MultiLayerNetwork network = network();
        network.addListeners(CheckpointListener.builder(folder).every(1).build());
        network.fit(input(0), labels(0));
        assertThat(files()).isEmpty();
        assertThatThrownBy(() -> CheckpointListener.builder(folder).keepLast(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keepLast");
    }
}
