package io.github.dl4jngd.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A JVM whose native libraries start in a known environment: what OpenBLAS and OpenMP are told by environment variables
 * is told before Java starts, or not at all.
 */
final class FreshProcess {

    /** What the launcher {@code ngd} sets, and what the documentation tells users to set. */
    static final Map<String, String> THREADS_THAT_SLEEP =
            Map.of("OMP_WAIT_POLICY", "PASSIVE", "OPENBLAS_THREAD_TIMEOUT", "4");

    /** Everything that would choose kernels or threads: unset unless a measurement sets it. */
    private static final Set<String> VARIABLES = Set.of(
            "OPENBLAS_CORETYPE",
            "OPENBLAS_L2_SIZE",
            "OPENBLAS_THREAD_TIMEOUT",
            "OPENBLAS_NUM_THREADS",
            "OMP_NUM_THREADS",
            "OMP_WAIT_POLICY",
            "GOMP_SPINCOUNT");

    private static final String STARTED = "ngd.benchmarks.started";

    private FreshProcess() {}

    /** Returns in a process of the launcher's settings; otherwise starts one, waits and exits with its status. */
    static void ensure(Class<?> program, String... args) throws IOException, InterruptedException {
        if (System.getProperty(STARTED) == null) {
            System.exit(start(program, System.getProperty("java.class.path"), THREADS_THAT_SLEEP, List.of(args))
                    .inheritIO()
                    .start()
                    .waitFor());
        }
    }

    /** What a program prints. */
    static List<String> output(Class<?> program, String classPath, Map<String, String> environment, List<String> args) {
        try {
            Process process = start(program, classPath, environment, args)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            List<String> lines;
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                lines = reader.lines().toList();
            }
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(program.getSimpleName() + " " + args + " with " + environment
                        + " ended with status " + status + ":\n" + String.join("\n", lines));
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    static ProcessBuilder start(
            Class<?> program, String classPath, Map<String, String> environment, List<String> args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of(
                "-Xmx2g",
                "-Dorg.bytedeco.javacpp.maxbytes=6g",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-D" + STARTED + "=true",
                "-cp",
                classPath,
                program.getName()));
        command.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeAll(VARIABLES);
        builder.environment().putAll(environment);
        return builder;
    }

    /** This class path with the OpenBLAS and JavaCPP that ND4J depends on before it; the build copies their jars. */
    static String classPathWithNd4jsOpenBlas() throws IOException {
        Path folder = Path.of("target", "openblas-of-nd4j-" + System.getProperty("nd4j.openblas.version"));
        try (Stream<Path> jars = Files.list(folder)) {
            String first = jars.filter(jar -> jar.toString().endsWith(".jar"))
                    .map(jar -> jar.toAbsolutePath().toString())
                    .sorted()
                    .collect(Collectors.joining(File.pathSeparator));
            return first + File.pathSeparator + System.getProperty("java.class.path");
        }
    }
}
