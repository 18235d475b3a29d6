package io.github.dl4jngd.fisher.backend;

import java.util.Arrays;
import java.util.Optional;

/** ND4J's published CUDA builds, and the GPUs that each holds code for. */
public enum CudaBuild {
    /** Of 1.0.0-M2.1: machine code for compute capability 3.7 and 5.0 to 8.6, which 8.9 runs as well, and no PTX. */
    CUDA_11_6("11.6", "1.0.0-M2.1", 37, 89, "3.7 and 5.0 to 8.9, and no PTX for newer ones"),
    /**
     * Of 1.0.0-M1.1: machine code for 3.5 to 8.6, and PTX that a driver compiles for newer GPUs, slowly, at the first
     * start.
     */
    CUDA_11_2("11.2", "1.0.0-M1.1", 35, Integer.MAX_VALUE, "3.5 and newer");

    private final String cuda;
    private final String deeplearning4j;
    private final int oldest;
    private final int newest;
    private final String capabilities;

    CudaBuild(String cuda, String deeplearning4j, int oldest, int newest, String capabilities) {
        this.cuda = cuda;
        this.deeplearning4j = deeplearning4j;
        this.oldest = oldest;
        this.newest = newest;
        this.capabilities = capabilities;
    }

    /**
     * The build whose jar is on the class path.
     *
     * @return empty without a CUDA back end
     */
    public static Optional<CudaBuild> onClassPath() {
        return Arrays.stream(values())
                .filter(build -> CudaBuild.class
                                .getClassLoader()
                                .getResource("META-INF/maven/org.nd4j/nd4j-cuda-" + build.cuda + "/pom.properties")
                        != null)
                .findFirst();
    }

    /**
     * Whether a GPU runs it.
     *
     * @param device the GPU
     * @return true if there is machine code or PTX for its compute capability
     */
    public boolean runs(GpuDevice device) {
        int capability = 10 * device.major() + device.minor();
        // code for 3.7 runs on 3.7 alone
        boolean hole = this == CUDA_11_6 && capability > 37 && capability < 50;
        return capability >= oldest && capability <= newest && !hole;
    }

    /**
     * Why a GPU does not run it and what to use instead.
     *
     * @param device the GPU
     * @return empty if it runs
     */
    public Optional<String> objection(GpuDevice device) {
        if (runs(device)) {
            return Optional.empty();
        }
        String instead = Arrays.stream(values())
                .filter(other -> other.runs(device))
                .findFirst()
                .map(other -> "build with the profile " + other.profile() + " (Deeplearning4j " + other.deeplearning4j
                        + "), or without one for the CPU")
                .orElse("no published build of ND4J runs on it: build without a CUDA profile for the CPU");
        return Optional.of(device + " cannot run ND4J's CUDA " + cuda + " build of " + deeplearning4j
                + ", which has code for compute capability " + capabilities + "; " + instead);
    }

    /**
     * The Maven profile that builds with it.
     *
     * @return such as cuda-11.6
     */
    public String profile() {
        return "cuda-" + cuda;
    }

    @Override
    public String toString() {
        return "CUDA " + cuda;
    }
}
