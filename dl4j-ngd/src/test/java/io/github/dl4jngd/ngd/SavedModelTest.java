package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.File;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/** What Deeplearning4j writes of a model with a natural gradient is for every program, and says so. */
class SavedModelTest {

    @TempDir
    private Path folder;

    private static MultiLayerNetwork network() {
        return Models.softmax(settings -> settings.updater(new Adam(0.05)).l2(1e-3));
    }

    /** Files of every kind, read, used and trained by a program that has never heard of this library. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyProgramReadsIt(boolean marks) throws Exception {
        Kfac kfac = Kfac.builder().markModel(marks).build();
        MultiLayerNetwork network = network();
        ComputationGraph graph = network.toComputationGraph();
        NaturalGradient attached = NaturalGradient.attach(network, kfac);
        NaturalGradient.attach(graph, kfac);
        network.fit(input(0), labels(0));
        graph.fit(new INDArray[] {input(0)}, new INDArray[] {labels(0)});

        network.save(folder.resolve("network.zip").toFile(), true);
        ModelSerializer.writeModel(graph, folder.resolve("graph.zip").toFile(), true);
        attached.save(folder.resolve("checkpoint.zip"));
        write("network.json", network.getLayerWiseConfigurations().toJson());
        write("network.yaml", network.getLayerWiseConfigurations().toYaml());
        write("graph.json", graph.getConfiguration().toJson());
        write("graph.yaml", graph.getConfiguration().toYaml());
        write("network.ser", network.getLayerWiseConfigurations());
        write("graph.ser", graph.getConfiguration());

        Map<String, String[]> lines = runPlainProgram();
        assertThat(lines).hasSize(9);
        assertThat(lines.values())
                .allSatisfy(line ->
                        assertThat(Double.parseDouble(line[2])).as("a step").isPositive());
        for (String name : new String[] {"network.zip", "checkpoint.zip"}) {
            assertThat(Double.parseDouble(lines.get(name)[1])).as(name).isEqualTo(PlainProgram.predictions(network));
        }
        assertThat(Double.parseDouble(lines.get("graph.zip")[1])).isEqualTo(PlainProgram.predictions(graph));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private void write(String name, Serializable configuration) throws IOException {
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            out.writeObject(configuration);
        }
    }

    /** The words of the lines of its output, by the first of them. */
    private Map<String, String[]> runPlainProgram() throws Exception {
        String classPath = Arrays.stream(
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                                .split(File.pathSeparator))
                .filter(SavedModelTest::isNotOfThisLibrary)
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        classPath,
                        PlainProgram.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("without the library");
        Map<String, String[]> lines = new HashMap<>();
        output.lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 3 && words[0].contains(".") && Files.exists(folder.resolve(words[0])))
                .forEach(words -> lines.put(words[0], words));
        return lines;
    }

    /** Of the project itself the program's own classes alone, which are among these tests. */
    private static boolean isNotOfThisLibrary(String entry) {
        Path path = Path.of(entry).toAbsolutePath();
        boolean ours = entry.contains("dl4jngd") || path.endsWith("classes");
        return !ours
                && (!path.endsWith("test-classes") || path.endsWith(Path.of("dl4j-ngd", "target", "test-classes")));
    }

    @Test
    void nothingOfItIsWritten() {
        MultiLayerNetwork network = network();
        String before = network.getLayerWiseConfigurations().toJson();
        String yaml = network.getLayerWiseConfigurations().toYaml();
        NaturalGradient attached = NaturalGradient.attach(network, Kfac.defaults());
        assertThat(network.getLayerWiseConfigurations().toJson()).isEqualTo(before);
        assertThat(network.getLayerWiseConfigurations().toYaml()).isEqualTo(yaml);
        assertThat(network.clone().getLayerWiseConfigurations().toJson()).isEqualTo(before);
        attached.detach();
        assertThat(network.getLayerWiseConfigurations().toJson()).isEqualTo(before);
    }

    /** Once for a natural gradient, and not where the file has it. */
    @Test
    void theLogSaysSoOnce() throws IOException {
        MultiLayerNetwork network = network();
        NaturalGradient attached = NaturalGradient.attach(network, Kfac.defaults());
        try (Logged logged = new Logged(NaturalGradient.class, Level.WARN)) {
            attached.save(folder.resolve("checkpoint.zip"));
            assertThat(logged.messages()).isEmpty();
            network.save(folder.resolve("model.zip").toFile(), true);
            network.clone().save(folder.resolve("model.zip").toFile(), true);
            network.getLayerWiseConfigurations().toJson();
            assertThat(logged.messages()).hasSize(1).allSatisfy(message -> assertThat(message)
                    .contains("kfac", "NaturalGradient.attach", "NaturalGradient.save"));
        }
    }

    /** In a program that has the library, too: the file knows nothing, and the model trains by its updater. */
    @Test
    void aModelReadFromAFileTrainsByItsUpdater() throws IOException {
        MultiLayerNetwork network = network();
        NaturalGradient.attach(network, Kfac.defaults());
        network.fit(input(0), labels(0));
        File file = folder.resolve("model.zip").toFile();
        network.save(file, true);
        MultiLayerNetwork restored = MultiLayerNetwork.load(file, true);
        MultiLayerNetwork plain = network();
        plain.setParams(network.params());
        plain.getUpdater().getStateViewArray().assign(network.getUpdater().getStateViewArray());
        plain.setIterationCount(1);
        restored.fit(input(1), labels(1));
        plain.fit(input(1), labels(1));
        assertThat(restored.params()).isEqualTo(plain.params());
        assertThat(NaturalGradient.of(restored)).isEmpty();
        try (NaturalGradient attached = NaturalGradient.attach(restored, Kfac.defaults())) {
            restored.fit(input(2), labels(2));
            assertThat(attached.lastDiagnostics()).isPresent();
        }
    }

    /** Where copies need no natural gradient, they train as they like; the model itself keeps it. */
    @Test
    void copiesWithoutMarkModel() {
        MultiLayerNetwork network = network();
        NaturalGradient attached =
                NaturalGradient.attach(network, Kfac.builder().markModel(false).build());
        MultiLayerNetwork copy = network.clone();
        MultiLayerNetwork plain = network();
        assertThatCode(() -> copy.fit(input(0), labels(0))).doesNotThrowAnyException();
        plain.fit(input(0), labels(0));
        assertThat(copy.params()).isEqualTo(plain.params());
        assertThat(attached.isAttached()).isTrue();
        network.fit(input(0), labels(0));
        assertThat(network.params()).isNotEqualTo(plain.params());
    }

    /** Two networks of one configuration share its layers, and so the mark; each is told apart. */
    @Test
    void anotherNetworkOfTheSameConfigurationIsACopy() {
        MultiLayerNetwork network = network();
        NaturalGradient attached = NaturalGradient.attach(network, Kfac.defaults());
        MultiLayerNetwork other = new MultiLayerNetwork(network.getLayerWiseConfigurations());
        other.init();
        assertThatThrownBy(() -> other.fit(input(0), labels(0)))
                .isInstanceOf(NaturalGradientException.class)
                .hasMessageContaining("unmark");
        network.fit(input(0), labels(0));
        assertThat(attached.isAttached()).isTrue();
    }
}
