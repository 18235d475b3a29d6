package io.github.dl4jngd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything, tests included, compiles with each CUDA profile, whose 600 MB are fetched for that. In a copy of the
 * sources, because the build that runs this test is still at work in its own.
 */
@Tag("slow")
class CudaProfilesTest {

    private static final long MINUTES = 30;

    @TempDir
    private Path copy;

    @ParameterizedTest
    @ValueSource(strings = {"cuda-11.6", "cuda-11.2"})
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void resolvesAndCompiles(String profile) throws IOException, InterruptedException {
        Path root = Path.of("..").toRealPath();
        copySources(root);
        Path log = copy.resolve("build.log");
        Process build = new ProcessBuilder(
                        copy.resolve("mvnw").toString(),
                        "-B",
                        "-ntp",
                        "-P" + profile,
                        "-DskipTests",
                        "-Dspotless.check.skip=true",
                        "-Djacoco.skip=true",
                        "-Dmaven.javadoc.skip=true",
                        "package")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(build.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();

        assertThat(build.exitValue())
                .as(Files.readString(log, StandardCharsets.UTF_8))
                .isZero();
        assertThat(copy.resolve("cli/target/classes/io/github/dl4jngd/cli/Ngd.class"))
                .exists();
    }

    private void copySources(Path root) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile)
                    .map(root::relativize)
                    .filter(CudaProfilesTest::isSource)
                    .toList();
        }
        for (Path file : files) {
            Path target = copy.resolve(file.toString());
            Files.createDirectories(target.getParent());
            Files.copy(root.resolve(file.toString()), target);
            assertThat(!Files.isExecutable(root.resolve(file.toString()))
                            || target.toFile().setExecutable(true))
                    .isTrue();
        }
    }

    private static boolean isSource(Path file) {
        String name = file.toString().replace('\\', '/');
        return !name.startsWith(".git/")
                && !name.startsWith("out/")
                && !name.startsWith("target/")
                && !name.contains("/target/");
    }
}
