package io.github.dl4jngd.fisher.linalg;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Which of its kernels OpenBLAS runs, and which suit the CPU.
 *
 * <p>OpenBLAS chooses by the CPU's model number. Of a model that is newer than itself it knows nothing and falls back to SSE, a third of the
 * speed of its AVX2 kernels: for all of ND4J's matrix products, not only for factorisations. Those for AVX-512 are faster still and wrong in
 * float64 (see {@link SelfTest}). The choice is made when the library is loaded; only the environment variable {@value #VARIABLE} changes it.
 */
public final class OpenBlasKernels {

    /** What OpenBLAS reads. */
    public static final String VARIABLE = "OPENBLAS_CORETYPE";

    private static final Path CPU = Path.of("/proc/cpuinfo");

    /** Kernels for x86-64 without AVX2. */
    private static final List<String> SLOW = List.of(
            "PRESCOTT",
            "CORE2",
            "PENRYN",
            "DUNNINGTON",
            "NEHALEM",
            "ATOM",
            "NANO",
            "OPTERON",
            "OPTERON_SSE3",
            "BARCELONA",
            "BOBCAT",
            "SANDYBRIDGE");

    private OpenBlasKernels() {}

    /**
     * What a user should do for ND4J's speed, if anything.
     *
     * @return a sentence where OpenBLAS runs on kernels without AVX2 and the CPU has it; empty where all is well or nothing can be told
     */
    public static Optional<String> advice() {
        return slowKernels().flatMap(current -> recommended()
                .map(better -> "OpenBLAS does not know this CPU and runs on its kernels for "
                        + current + ", at a third of its speed; set the environment variable " + VARIABLE
                        + "="
                        + better + " before Java starts"));
    }

    /**
     * The fastest kernels that are right and suit this machine's CPU by its features.
     *
     * @return HASWELL for AVX2 and AVX-512; empty for others, and where the system does not tell
     */
    public static Optional<String> recommended() {
        try {
            return Files.isReadable(CPU) ? recommended(Files.readString(CPU)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<String> recommended(String cpuInfo) {
        Set<String> flags = cpuInfo.lines()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line ->
                        Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+", -1)))
                .orElse(Set.of());
        return flags.containsAll(Set.of("avx2", "fma")) ? Optional.of("HASWELL") : Optional.empty();
    }

    /** The kernels in use where they are among the slow ones: OpenBLAS points to a table of functions for each. */
    private static Optional<String> slowKernels() {
        try {
            Pointer pointer = Loader.addressof("gotoblas");
            if (pointer == null) {
                return Optional.empty();
            }
            long table = new LongPointer(pointer).get();
            return SLOW.stream()
                    .filter(kernels -> {
                        Pointer candidate = Loader.addressof("gotoblas_" + kernels);
                        return candidate != null && candidate.address() == table;
                    })
                    .findFirst();
        } catch (LinkageError e) {
            return Optional.empty();
        }
    }
}
