package io.github.dl4jngd.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs have their jars in an order that they do not choose; each order is a program of its own here. */
class ClassPathOrderTest {

    /** Prints a page of Deeplearning4j. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            try (Ui ui = Ui.singleSession()) {
                ui.attach(new InMemoryStatsStorage());
                System.out.println(ui.get("/train/overview").body());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEntryIsThereWhicheverJarIsFirst(boolean oursFirst) throws Exception {
        String ours = Path.of(SharpnessModule.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> path = new ArrayList<>(List.of(all.split(File.pathSeparator)));
        assertThat(path.removeIf(each -> Path.of(each).equals(Path.of(ours)))).isTrue();
        path.add(oursFirst ? 0 : path.size(), ours);

        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        String.join(File.pathSeparator, path),
                        Program.class.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(program.waitFor()).as(printed).isZero();
        assertThat(printed).containsOnlyOnce("href=\"" + Tab.path() + "\"");
    }
}
