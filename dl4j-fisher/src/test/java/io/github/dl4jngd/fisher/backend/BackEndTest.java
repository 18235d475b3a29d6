package io.github.dl4jngd.fisher.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackEndTest {

    @ParameterizedTest
    @CsvSource({
        "3, 0, false, false", "3, 5, false, true", "3, 7, true, true", "5, 0, true, true", "5, 3, true, true",
        "6, 1, true, true", "7, 0, true, true", "7, 5, true, true", "8, 0, true, true", "8, 6, true, true",
        "8, 9, true, true", "9, 0, false, true", "10, 0, false, true", "12, 0, false, true"
    })
    void whichBuildRunsOnWhich(int major, int minor, boolean cuda116, boolean cuda112) {
        GpuDevice device = new GpuDevice(0, "GPU", major, minor);
        assertThat(CudaBuild.CUDA_11_6.runs(device)).isEqualTo(cuda116);
        assertThat(CudaBuild.CUDA_11_2.runs(device)).isEqualTo(cuda112);
    }

    @Test
    void refusesNamingTheProfileToUseInstead() {
        List<GpuDevice> hopper = List.of(new GpuDevice(0, "NVIDIA H100", 9, 0));
        assertThatThrownBy(() -> BackEnd.check(CudaBuild.CUDA_11_6, hopper))
                .isInstanceOf(UnsupportedDeviceException.class)
                .hasMessageContaining("GPU 0, NVIDIA H100 (compute capability 9.0)")
                .hasMessageContaining("CUDA 11.6")
                .hasMessageContaining("profile cuda-11.2");
        assertThat(BackEnd.check(CudaBuild.CUDA_11_2, hopper))
                .hasToString("CUDA 11.2, NVIDIA H100, compute capability 9.0");
        assertThatThrownBy(() -> BackEnd.check(CudaBuild.CUDA_11_2, List.of(new GpuDevice(0, "Tesla K10", 3, 0))))
                .hasMessageContaining("no published build");
    }

    @Test
    void withoutCudaThereIsNothingToRefuse() {
        assertThat(BackEnd.check(null, List.of())).hasToString("CPU");
        assertThat(BackEnd.check(CudaBuild.CUDA_11_6, List.of())).hasToString("CUDA 11.6, no GPU told by the driver");
        // whatever machine runs this test
        assertThat(BackEnd.check().toString()).isNotEmpty();
    }

    @Test
    void readsWhatTheDriversToolPrints() {
        String answer = "0, NVIDIA GeForce RTX 3080, 8.6\n1, NVIDIA A100-SXM4-80GB, 8.0\n";
        GpuDevice first = new GpuDevice(0, "NVIDIA GeForce RTX 3080", 8, 6);
        GpuDevice second = new GpuDevice(1, "NVIDIA A100-SXM4-80GB", 8, 0);
        assertThat(GpuDevice.visible(answer, null)).containsExactly(first, second);
        assertThat(GpuDevice.visible(answer, "1,0")).containsExactly(second, first);
        assertThat(GpuDevice.visible(answer, " 1 ")).containsExactly(second);
        assertThat(GpuDevice.visible(answer, "GPU-8932f937")).containsExactly(first, second);
        assertThat(GpuDevice.visible("NVIDIA-SMI has failed because it couldn't communicate", null))
                .isEmpty();
        assertThat(GpuDevice.visible("", "0")).isEmpty();
    }
}
