package io.github.dl4jngd.fisher.backend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A GPU as the driver describes it.
 *
 * @param index its number
 * @param name such as NVIDIA GeForce RTX 3080
 * @param major of its compute capability
 * @param minor of its compute capability
 */
public record GpuDevice(int index, String name, int major, int minor) {

    /** What restricts a process to some GPUs. */
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    private static final Pattern LINE = Pattern.compile("(\\d+), *(.+), *(\\d+)\\.(\\d+)");
    private static final long TIMEOUT_SECONDS = 20;

    /**
     * The GPUs that this process may use, as {@code nvidia-smi} tells them: before anything of CUDA is loaded.
     *
     * @return empty where there is none, or no driver's tool to ask
     */
    public static List<GpuDevice> visible() {
        return visible(ask(), System.getenv(VISIBLE));
    }

    static List<GpuDevice> visible(String answer, @Nullable String restriction) {
        List<GpuDevice> all = answer.lines()
                .map(String::strip)
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(line -> new GpuDevice(
                        Integer.parseInt(line.group(1)),
                        line.group(2).strip(),
                        Integer.parseInt(line.group(3)),
                        Integer.parseInt(line.group(4))))
                .toList();
        // names and partitions instead of numbers: too many ways to write them
        if (restriction == null || !restriction.matches("\\s*\\d+(\\s*,\\s*\\d+)*\\s*")) {
            return all;
        }
        Map<Integer, GpuDevice> byIndex = all.stream().collect(Collectors.toMap(GpuDevice::index, device -> device));
        return List.of(restriction.strip().split("\\s*,\\s*", -1)).stream()
                .map(Integer::valueOf)
                .filter(byIndex::containsKey)
                .map(byIndex::get)
                .toList();
    }

    private static String ask() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=index,name,compute_cap", "--format=csv,noheader")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) ? answer : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    @Override
    public String toString() {
        return "GPU " + index + ", " + name + " (compute capability " + major + "." + minor + "),";
    }
}
