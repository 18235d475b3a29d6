package io.github.dl4jngd.cli.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {

    @TempDir
    Path directory;

    @Test
    void writesFilesAndListsThem() throws IOException {
        RunDirectory run = RunDirectory.open(directory.resolve("a/b"));

        run.write("x.txt", out -> out.write("first".getBytes(UTF_8)));
        run.write("y.json", out -> Json.write(out, Map.of("loss", Double.NaN)));
        run.write("x.txt", out -> out.write("second".getBytes(UTF_8)));

        assertThat(run.files())
                .containsExactly(run.path().resolve("x.txt"), run.path().resolve("y.json"));
        assertThat(run.path().resolve("x.txt")).hasContent("second");
        assertThat(run.path().resolve("y.json")).hasContent("{\n  \"loss\" : \"NaN\"\n}\n");
        assertThat(names(run.path())).containsExactlyInAnyOrder("x.txt", "y.json");
    }

    @Test
    void keepsTheOldFileWhereWritingFails() throws IOException {
        RunDirectory run = RunDirectory.open(directory);
        run.write("x.txt", out -> out.write("old".getBytes(UTF_8)));

        assertThatThrownBy(() -> run.write("x.txt", out -> {
                    out.write("half".getBytes(UTF_8));
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");

        assertThat(directory.resolve("x.txt")).hasContent("old");
        assertThat(names(directory)).containsExactly("x.txt");
    }

    @Test
    void refusesAFileInItsPlace() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertThatThrownBy(() -> RunDirectory.open(file)).isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void namesTheDefaultAfterCommandAndTime() {
        ZonedDateTime time = ZonedDateTime.of(2026, 3, 4, 5, 6, 7, 0, ZoneOffset.UTC);

        assertThat(RunDirectory.defaultPath("mnist-mlp", time)).isEqualTo(Path.of("out", "mnist-mlp-20260304-050607"));
    }

    @Test
    void aCsvFileIsReadableBeforeItIsClosed() throws IOException {
        RunDirectory run = RunDirectory.open(directory);
        try (CsvLog csv = run.csv("log.csv", "a", "b")) {
            assertThat(directory.resolve("log.csv")).hasContent("a,b\n");
            csv.row(1, null);
            csv.row("x,y", Double.NaN);
            assertThat(directory.resolve("log.csv")).hasContent("a,b\n1,\n\"x,y\",NaN\n");
            assertThatThrownBy(() -> csv.row(1)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(run.files()).containsExactly(directory.resolve("log.csv"));
    }

    private static Stream<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }
}
