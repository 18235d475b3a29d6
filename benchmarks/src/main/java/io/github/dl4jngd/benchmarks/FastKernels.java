package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.fisher.linalg.OpenBlasKernels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a program in a process whose OpenBLAS suits the CPU, which only an environment variable can tell it. */
final class FastKernels {

    private FastKernels() {}

    /** Returns in a process where the variable is set or not needed; otherwise starts one, waits and exits with its status. */
    static void ensure(Class<?> program, String... args) throws IOException, InterruptedException {
        Optional<String> kernels = OpenBlasKernels.recommended();
        if (System.getenv(OpenBlasKernels.VARIABLE) == null && kernels.isPresent()) {
            List<String> command = new ArrayList<>();
            command.add(ProcessHandle.current().info().command().orElse("java"));
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
            command.addAll(List.of(args));
            ProcessBuilder process = new ProcessBuilder(command).inheritIO();
            process.environment().put(OpenBlasKernels.VARIABLE, kernels.get());
            System.exit(process.start().waitFor());
        }
        System.out.println(OpenBlasKernels.VARIABLE + "=" + System.getenv(OpenBlasKernels.VARIABLE));
    }
}
