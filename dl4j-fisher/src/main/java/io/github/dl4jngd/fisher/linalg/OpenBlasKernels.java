package io.github.dl4jngd.fisher.linalg;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Which of its kernels OpenBLAS runs, and which suit the CPU.
 *
 * <p>OpenBLAS chooses by the CPU's model number when it is loaded. Of a model that is newer than itself it knows
 * nothing and falls back to SSE: for all of ND4J's matrix products, not only for factorisations. On a CPU with AVX-512
 * such products ran at a third of the speed of kernels for AVX2, and at between a fifth and a quarter of that of the
 * CPU's own (docs/benchmarks.md). The OpenBLAS 0.3.19 of 2022 that ND4J brings does so on the CPUs of today, and its
 * kernels for AVX-512 are wrong in float64 (see {@link SelfTest}). The artifact {@code dl4j-openblas} brings one that
 * knows them. Where the old one has to stay, the environment variable {@value #VARIABLE} chooses.
 */
public final class OpenBlasKernels {

    /** What OpenBLAS reads. */
    public static final String VARIABLE = "OPENBLAS_CORETYPE";

    private static final String UNKNOWN = "(version unknown)";

    /** A bound, because not all slow kernels are equally slow: the most that was measured is a factor of 4.6. */
    private static final String COST = "which do without AVX2: matrix products can take up to five times as long";

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

    /** Kernels for x86-64 with AVX2 or more, or for AMD's CPUs with FMA4, and those for 64-bit ARM. */
    private static final List<String> OTHERS = List.of(
            "HASWELL",
            "ZEN",
            "SKYLAKEX",
            "COOPERLAKE",
            "SAPPHIRERAPIDS",
            "BULLDOZER",
            "PILEDRIVER",
            "STEAMROLLER",
            "EXCAVATOR",
            "ARMV8",
            "ARMV8SVE",
            "CORTEXA53",
            "CORTEXA55",
            "CORTEXA57",
            "NEOVERSEN1",
            "NEOVERSEV1",
            "NEOVERSEN2",
            "THUNDERX",
            "THUNDERX2T99",
            "TSV110",
            "EMAG8180",
            "FALKOR",
            "A64FX");

    private OpenBlasKernels() {}

    /**
     * What a user should do for ND4J's speed, if anything.
     *
     * @return some lines where OpenBLAS runs on kernels without AVX2 and the CPU has it, or on another JavaCPP; empty
     *     where all is well or nothing can be told
     */
    public static Optional<String> advice() {
        Optional<String> mixture = mixture(version("openblas"), version("javacpp"));
        if (mixture.isPresent()) {
            return mixture;
        }
        return current().filter(SLOW::contains).flatMap(kernels -> recommended()
                .map(better -> advice(kernels, better, version(), System.getenv(VARIABLE))));
    }

    static String advice(String kernels, String better, String version, @Nullable String variable) {
        if (variable != null) {
            return "The environment variable " + VARIABLE + "=" + variable + " makes OpenBLAS run on its kernels for "
                    + kernels + ", " + COST + "; unset it";
        }
        return "OpenBLAS " + version + " does not know this CPU and runs on its kernels for " + kernels + ", " + COST
                + ". " + remedy(better);
    }

    /** The lines that bring a newer OpenBLAS, or make do with the old one. */
    static String remedy(String kernels) {
        return """
                With Deeplearning4j 1.0.0-M2.1, declare dl4j-openblas before nd4j-native (version as dl4j-ngd's):
                  <dependency>
                    <groupId>io.github.dl4jngd</groupId>
                    <artifactId>dl4j-openblas</artifactId>
                  </dependency>
                or set the environment variable %s=%s before Java starts"""
                .formatted(VARIABLE, kernels);
    }

    /** What is wrong where an OpenBLAS such as 0.3.31-1.5.13 is not of the JavaCPP that runs it. */
    static Optional<String> mixture(String openBlas, String javaCpp) {
        return openBlas.endsWith("-" + javaCpp) || openBlas.equals(UNKNOWN) || javaCpp.equals(UNKNOWN)
                ? Optional.empty()
                : Optional.of("OpenBLAS " + openBlas + " runs on JavaCPP " + javaCpp
                        + ", for which it was not made. Declare dl4j-openblas before nd4j-native: Maven takes the JavaCPP of"
                        + " the one that it finds first");
    }

    /** Of the OpenBLAS on the class path, such as 0.3.19-1.5.7, or "(version unknown)". */
    static String version() {
        return version("openblas");
    }

    private static String version(String artifact) {
        Properties properties = new Properties();
        try (InputStream in = OpenBlasKernels.class.getResourceAsStream(
                "/META-INF/maven/org.bytedeco/" + artifact + "/pom.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            // The version only helps to recognise what is on the class path: the advice holds without it.
            properties.clear();
        }
        return properties.getProperty("version", UNKNOWN);
    }

    /**
     * The fastest kernels of an old OpenBLAS that are right and suit this machine's CPU by its features.
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

    /**
     * The kernels in use. OpenBLAS keeps a table of functions for each, and points to that of the kernels that it runs.
     *
     * @return such as HASWELL or COOPERLAKE; empty where OpenBLAS is not loaded yet, has but one set of kernels or one
     *     that is not known here
     */
    public static Optional<String> current() {
        try {
            Pointer pointer = Loader.addressof("gotoblas");
            if (pointer == null) {
                return Optional.empty();
            }
            long table = new LongPointer(pointer).get();
            return Stream.concat(SLOW.stream(), OTHERS.stream())
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
