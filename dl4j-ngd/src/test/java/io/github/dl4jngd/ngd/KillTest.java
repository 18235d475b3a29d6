package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training that is killed again and again, and what a disk that is full does to it. */
class KillTest {

    /** Long enough for some dozen steps, each with a checkpoint. */
    private static final int LONGEST_LIFE = 400;

    private static final int FOREVER = 1_000_000;

    @TempDir
    private Path folder;

    private Process start(List<String> before, int iterations) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                KilledTraining.class.getName(),
                folder.toString(),
                Integer.toString(iterations)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The iteration from which it goes on. */
    private static int awaitReady(Process process) throws IOException {
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(KilledTraining.READY)) {
                return Integer.parseInt(line.substring(KilledTraining.READY.length()));
            }
        }
        throw new AssertionError("the process ended before it trained, with status " + exitStatus(process));
    }

    private static int exitStatus(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    /** What became of it, in a line. */
    private String killAgainAndAgain(int kills) throws Exception {
        Random random = new Random(kills);
        int reached = 0;
        long drafts = 0;
        for (int kill = 0; kill < kills; kill++) {
            Process process = start(List.of(), FOREVER);
            try {
                int from = awaitReady(process);
                assertThat(from).as("nothing that was complete is lost").isGreaterThanOrEqualTo(reached);
                Thread.sleep(random.nextInt(LONGEST_LIFE));
            } finally {
                process.destroyForcibly().waitFor();
            }
            drafts += count(".part");
            Path latest = CheckpointListener.latest(folder).orElse(null);
            if (latest != null) {
                NaturalGradient restored = NaturalGradient.restore(latest);
                reached = ((MultiLayerNetwork) restored.model()).getIterationCount();
                restored.detach();
            }
        }
        int end = reached + 5;
        Process last = start(List.of(), end);
        awaitReady(last);
        assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();
        assertThat(count(".part")).as("drafts of killed processes").isZero();

        MultiLayerNetwork whole = (MultiLayerNetwork) KilledTraining.fresh().model();
        KilledTraining.train(whole, end);
        MultiLayerNetwork interrupted = (MultiLayerNetwork)
                NaturalGradient.restore(CheckpointListener.latest(folder).orElseThrow())
                        .model();
        assertThat(interrupted.getIterationCount()).isEqualTo(end);
        assertThat(interrupted.params()).isEqualTo(whole.params());
        assertThat(interrupted.getUpdater().getStateViewArray())
                .isEqualTo(whole.getUpdater().getStateViewArray());
        return "%d kills, %d of them while a checkpoint was being written, %d iterations".formatted(kills, drafts, end);
    }

    private long count(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .count();
        }
    }

    @Test
    void trainingSurvivesKills() throws Exception {
        assertThat(killAgainAndAgain(4)).startsWith("4 kills");
    }

    @Test
    @Tag("slow")
    void trainingSurvivesManyKills() throws Exception {
        System.out.println(killAgainAndAgain(60));
    }

    /**
     * Files may grow to a size that a checkpoint does not fit in: training goes on, the earlier checkpoint stays, no
     * draft does.
     */
    @Test
    void aFullDisk() throws Exception {
        assumeThat(Path.of("/bin/bash")).exists();
        Process first = start(List.of(), 3);
        awaitReady(first);
        assertThat(exitStatus(first)).isZero();
        Path latest = CheckpointListener.latest(folder).orElseThrow();
        byte[] before = Files.readAllBytes(latest);
        long kilobytes = before.length / 2048;

        Process limited = start(List.of("/bin/bash", "-c", "ulimit -f " + kilobytes + "; exec \"$0\" \"$@\""), 8);
        assertThat(awaitReady(limited)).isEqualTo(3);
        assertThat(exitStatus(limited)).as("training itself goes on").isZero();
        assertThat(CheckpointListener.latest(folder)).contains(latest);
        assertThat(Arrays.equals(Files.readAllBytes(latest), before)).isTrue();
        assertThat(count(".part")).isZero();
    }
}
