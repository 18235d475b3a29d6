package io.github.dl4jngd.fisher.backend;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The back end that ND4J will load.
 *
 * @param build the CUDA build on the class path; null for the CPU
 * @param devices the GPUs that the process may use; empty on the CPU and where the driver does not tell
 */
public record BackEnd(@Nullable CudaBuild build, List<GpuDevice> devices) {

    /**
     * Copies the list.
     *
     * @param build the CUDA build; null for the CPU
     * @param devices the GPUs
     */
    public BackEnd {
        devices = List.copyOf(devices);
    }

    /**
     * Looks at the class path and the GPUs; loads nothing of ND4J, so that it can be called before a model is built,
     * which on a GPU without code for it fails with CUDA's own message.
     *
     * @return the back end
     * @throws UnsupportedDeviceException if the first GPU cannot run the build, naming both and the profile to use
     *     instead
     */
    public static BackEnd check() {
        Optional<CudaBuild> cuda = CudaBuild.onClassPath();
        return check(cuda.orElse(null), cuda.isPresent() ? GpuDevice.visible() : List.of());
    }

    static BackEnd check(@Nullable CudaBuild build, List<GpuDevice> devices) {
        if (build != null && !devices.isEmpty()) {
            build.objection(devices.get(0)).ifPresent(objection -> {
                throw new UnsupportedDeviceException(objection);
            });
        }
        return new BackEnd(build, devices);
    }

    @Override
    public String toString() {
        if (build == null) {
            return "CPU";
        }
        if (devices.isEmpty()) {
            return build + ", no GPU told by the driver";
        }
        GpuDevice first = devices.get(0);
        return build + ", " + first.name() + ", compute capability " + first.major() + "." + first.minor();
    }
}
