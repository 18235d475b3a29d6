package io.github.dl4jngd.dashboard.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.testing.Pause;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** What is found in a folder that others write to, in whatever state they leave it. */
class RunFolderTest {

    @TempDir
    Path parent;

    private Path folder;

    /** A new one each time looks at once, and knows nothing. */
    private RunFolder open() throws IOException {
        return new RunFolder(folder());
    }

    private Path folder() throws IOException {
        folder = parent.resolve("runs");
        return Files.createDirectories(folder);
    }

    private static JsonNode read(RunFolder runs, int number, Cursor after) throws IOException {
        return new ObjectMapper()
                .readTree(new Api(runs, "ab", "1").run(number, after).orElseThrow());
    }

    private static JsonNode read(RunFolder runs, int number) throws IOException {
        return read(runs, number, Cursor.NOTHING);
    }

    /** What somebody sees who has asked before. */
    private static JsonNode soon(RunFolder runs, int number, JsonNode before) throws IOException {
        for (int i = 0; i < 100; i++) {
            JsonNode now = read(runs, number, Cursor.of(before.path("cursor").asText()));
            if (now.path("stamp").asInt() != before.path("stamp").asInt()) {
                return now;
            }
            Pause.briefly();
        }
        throw new AssertionError("no change was seen");
    }

    private static List<String> names(RunFolder runs) {
        return runs.runs().stream().map(Run::name).sorted().toList();
    }

    private static String column(JsonNode run, String kind, String name) {
        return run.at("/series/" + kind + "/columns/" + name).toString();
    }

    @Test
    void filesOfOneRunAreOneRun() throws IOException {
        Path sub = Files.createDirectory(folder().resolve("mnist"));
        Readings.spectrum(0, 0.5).appendTo(folder.resolve("a b.jsonl"));
        Readings.spectrum(0, 0.5).appendTo(folder.resolve("sharpness-kfac.jsonl"));
        Readings.step(0).appendTo(folder.resolve("isotropy-kfac.jsonl"));
        Files.writeString(
                sub.resolve("training.csv"),
                """
                method,seed,epoch,step,seconds,train_loss,train_accuracy,test_loss,test_accuracy
                sgd,1,0,0,0.0,2.3,0.1,2.4,0.11
                sgd,1,1,10,1.5,,,0.9,0.8
                adam,1,0,0,0.0,2.3,0.1,2.4,0.11
                """);
        Files.writeString(
                sub.resolve("sharpness-sgd.csv"),
                "iteration,epoch,lambda_max,rate_over_boundary\n0,0,5.5,0.25\n10,0,,NaN\n20,1,7.5,Infinity\n");
        Files.writeString(sub.resolve("spectrum.csv"), "normalization,width,samples\nnone,100,100\n");
        Files.writeString(sub.resolve("run.json"), "{\"status\": \"finished\", \"command\": \"ngd <b>\", \"seed\": 1}");
        Files.writeString(folder.resolve("notes.txt"), "no run");
        Files.createDirectories(sub.resolve("deeper"));
        Readings.spectrum(0, 0.5).appendTo(sub.resolve("deeper/hidden.jsonl"));
        RunFolder runs = open();

        assertThat(names(runs)).containsExactly("a b", "kfac", "mnist/adam", "mnist/sgd");
        JsonNode kfac = read(runs, numberOf(runs, "kfac"));
        assertThat(column(kfac, "spectrum", "lambda_max")).isEqualTo("[20]");
        assertThat(column(kfac, "steps", "damping")).isEqualTo("[0.01]");
        JsonNode sgd = read(runs, numberOf(runs, "mnist/sgd"));
        assertThat(column(sgd, "spectrum", "lambda_max")).isEqualTo("[5.5,null,7.5]");
        assertThat(column(sgd, "spectrum", "rate_over_boundary")).isEqualTo("[0.25,null,null]");
        assertThat(column(sgd, "evaluation", "iteration")).isEqualTo("[0,10]");
        assertThat(column(sgd, "evaluation", "train_loss")).isEqualTo("[2.3,null]");
        assertThat(column(read(runs, numberOf(runs, "mnist/adam")), "evaluation", "test_loss"))
                .isEqualTo("[2.4]");
        JsonNode list = new ObjectMapper().readTree(new Api(runs, "ab", "1").runs());
        assertThat(list.path("runs").findValuesAsText("status")).containsExactly("finished", "finished");
        assertThat(list.path("runs").findValuesAsText("command")).contains("ngd <b>");
    }

    private static int numberOf(RunFolder runs, String name) {
        return runs.runs().stream()
                .filter(run -> run.name().equals(name))
                .findFirst()
                .orElseThrow()
                .number();
    }

    @Test
    void theRunThatChangedLastComesFirst() throws IOException {
        Path first = folder().resolve("a.jsonl");
        for (String name : List.of("a", "z", "m")) {
            Readings.spectrum(0, 0.5).appendTo(folder.resolve(name + ".jsonl"));
            Files.setLastModifiedTime(folder.resolve(name + ".jsonl"), FileTime.fromMillis(name.charAt(0) * 1000L));
        }
        assertThat(open().runs()).extracting(Run::name).containsExactly("z", "m", "a");

        Files.setLastModifiedTime(first, FileTime.fromMillis(1_000_000));
        assertThat(open().runs()).extracting(Run::name).containsExactly("a", "z", "m");
    }

    @Test
    void linksAreNotFollowed() throws IOException {
        Path secret = parent.resolve("secret.jsonl");
        Readings.spectrum(0, 0.5).appendTo(secret);
        Path outside = Files.createDirectory(parent.resolve("outside"));
        Readings.spectrum(0, 0.5).appendTo(outside.resolve("other.jsonl"));
        try {
            Files.createSymbolicLink(folder().resolve("link.jsonl"), secret);
            Files.createSymbolicLink(folder.resolve("linked"), outside);
            Files.createSymbolicLink(folder.resolve("run.json"), secret);
        } catch (FileSystemException | UnsupportedOperationException e) {
            Assumptions.abort("this system makes no links: " + e.getMessage());
        }
        Readings.spectrum(0, 0.5).appendTo(folder.resolve("real.jsonl"));
        RunFolder runs = open();

        assertThat(names(runs)).containsExactly("real");
        assertThat(runs.report(runs.runs().get(0))).isEmpty();
    }

    /** A run that is known, whose file becomes a link. */
    @Test
    void aFileThatBecomesALinkIsReadNoMore() throws IOException {
        Path file = folder().resolve("a.jsonl");
        Readings.spectrum(0, 0.5).appendTo(file);
        Path secret = parent.resolve("secret.jsonl");
        Readings.spectrum(0, 0.5).with("lambda_max", 12345).appendTo(secret);
        RunFolder runs = open();
        assertThat(names(runs)).containsExactly("a");
        Files.delete(file);
        try {
            Files.createSymbolicLink(file, secret);
        } catch (FileSystemException | UnsupportedOperationException e) {
            Assumptions.abort("this system makes no links: " + e.getMessage());
        }

        assertThatThrownBy(() -> new Tail(file).read(1000, new Ignoring())).isInstanceOf(IOException.class);
        assertThat(read(runs, 0).toString()).doesNotContain("12345");
    }

    private static class Ignoring implements Tail.Lines {
        @Override
        public void restart() {}

        @Override
        public void line(String text) {}

        @Override
        public void leftOut() {}
    }

    @Test
    void aLastLineWaitsForItsEnd() throws IOException {
        Path file = folder().resolve("a.jsonl");
        String line = Readings.spectrum(10, 0.5).line();
        Readings.spectrum(0, 0.5).appendTo(file);
        Files.writeString(file, line.substring(0, 40), StandardOpenOption.APPEND);
        RunFolder runs = open();
        JsonNode cut = read(runs, 0);
        assertThat(column(cut, "spectrum", "iteration")).isEqualTo("[0]");
        assertThat(cut.path("left_out").asInt()).isZero();

        Files.writeString(file, line.substring(40), StandardOpenOption.APPEND);

        JsonNode whole = soon(runs, 0, cut);
        assertThat(whole.path("reset").asBoolean()).isFalse();
        assertThat(column(whole, "spectrum", "iteration")).isEqualTo("[0,10]");
    }

    @Test
    void linesThatAreNoReadingAreLeftOut() throws IOException {
        Path file = folder().resolve("a.jsonl");
        Readings.spectrum(0, 0.5).appendTo(file);
        String rubbish = String.join(
                "\n",
                "no json",
                "{\"iteration\":",
                "[1,2]",
                "null",
                "",
                "{\"iteration\":-1,\"lambda_max\":1}",
                "{\"iteration\":1e99,\"lambda_max\":1}",
                "{\"iteration\":\"1\",\"lambda_max\":1}",
                "{\"lambda_max\":1}",
                "{\"iteration\":5}",
                "{\"iteration\":5,\"lambda_max\":1} trailing",
                "[".repeat(300_000));
        Files.writeString(file, rubbish + "\n", StandardOpenOption.APPEND);
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, '\n'}, StandardOpenOption.APPEND);
        Readings.spectrum(10, 0.5).appendTo(file);

        JsonNode run = read(open(), 0);

        assertThat(column(run, "spectrum", "iteration")).isEqualTo("[0,10]");
        assertThat(run.path("left_out").asInt()).isEqualTo(13);
    }

    @Test
    void aDetailThatIsNestedWithoutEndIsLeftOut() throws IOException {
        String deep = "[".repeat(2_000) + "]".repeat(2_000);
        Files.writeString(
                folder().resolve("a.jsonl"),
                "{\"iteration\":0,\"lambda_max\":3,\"rule\":\"none\",\"x\":" + deep + "}\n");

        JsonNode run = read(open(), 0);

        assertThat(column(run, "spectrum", "lambda_max")).isEqualTo("[3]");
        assertThat(run.at("/series/spectrum/latest/details").toString()).isEqualTo("{\"rule\":\"none\"}");
    }

    @Test
    void aHugeLineIsLeftOutWithoutBeingHeld() throws IOException {
        Path file = folder().resolve("a.jsonl");
        Readings.spectrum(0, 0.5).appendTo(file);
        try (BufferedWriter writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND)) {
            String piece = "x".repeat(1 << 16);
            for (int i = 0; i < 20 * 16; i++) {
                writer.write(piece);
            }
            writer.write('\n');
        }
        Readings.spectrum(10, 0.5).appendTo(file);
        Files.writeString(file, "y".repeat(3 << 20), StandardOpenOption.APPEND);

        JsonNode run = read(open(), 0);

        assertThat(column(run, "spectrum", "iteration")).isEqualTo("[0,10]");
        assertThat(run.path("left_out").asInt()).isEqualTo(1);
    }

    /** As a run that begins anew in its file, or a file that is shortened at a checkpoint. */
    @Test
    void aFileThatShrinksIsReadAnew() throws IOException {
        Path file = folder().resolve("a.jsonl");
        for (int i = 0; i < 20; i++) {
            Readings.spectrum(i, 0.5).appendTo(file);
        }
        RunFolder runs = open();
        JsonNode before = read(runs, 0);
        Files.writeString(file, Readings.spectrum(0, 0.9).line());

        JsonNode after = soon(runs, 0, before);

        assertThat(after.path("reset").asBoolean()).isTrue();
        assertThat(after.path("readings").asInt()).isEqualTo(1);
        assertThat(column(after, "spectrum", "rate_over_boundary")).isEqualTo("[0.9]");
    }

    /** The other file is longer, so that its length does not tell. */
    @Test
    void aFileThatIsReplacedIsReadAnew() throws IOException {
        Path file = folder().resolve("sharpness-a.csv");
        Files.writeString(file, "iteration,epoch,lambda_max\n0,0,1\n10,0,2\n");
        RunFolder runs = open();
        JsonNode before = read(runs, 0);
        Path other = parent.resolve("other");
        Files.writeString(other, "iteration,epoch,\"lambda_\nmax\",lambda_max\n0,0,1,5\n10,0,2,6\n20,0,3,7\n");
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);

        JsonNode after = soon(runs, 0, before);

        assertThat(after.path("reset").asBoolean()).isTrue();
        assertThat(column(after, "spectrum", "lambda_max")).isEqualTo("[5,6,7]");
    }

    /** What is left of a file that a resumed run appends to. */
    @Test
    void rowsOfEarlierIterationsReplaceThoseAfterThem() throws IOException {
        Path file = folder().resolve("a.jsonl");
        for (int i = 0; i < 5; i++) {
            Readings.spectrum(10 * i, 0.5).appendTo(file);
        }
        RunFolder runs = open();
        JsonNode before = read(runs, 0);
        Readings.spectrum(20, 0.9).appendTo(file);

        JsonNode after = soon(runs, 0, before);

        assertThat(after.path("reset").asBoolean()).isTrue();
        assertThat(column(after, "spectrum", "iteration")).isEqualTo("[0,10,20]");
    }

    @Test
    void readingsOfFurtherCopiesOfTheModelAreCounted() throws IOException {
        Path file = folder().resolve("a.jsonl");
        Readings.spectrum(0, 0.5).appendTo(file);
        Readings.spectrum(0, 0.9).with("model", 1).appendTo(file);

        JsonNode run = read(open(), 0);

        assertThat(column(run, "spectrum", "rate_over_boundary")).isEqualTo("[0.5]");
        assertThat(run.path("of_copies").asInt()).isEqualTo(1);
    }

    @Test
    void saysHowManyReadingsWereBeyondLately() throws IOException {
        Path file = folder().resolve("a.jsonl");
        for (int i = 0; i < 30; i++) {
            Readings.spectrum(i, i % 5 == 0 ? 1.5 : i % 5 == 1 ? Double.NaN : 0.5)
                    .appendTo(file);
        }

        JsonNode latest = read(open(), 0).at("/series/spectrum/latest");

        assertThat(latest.path("lately").asInt()).isEqualTo(10);
        assertThat(latest.path("beyond").asInt()).isEqualTo(2);
    }

    @Test
    void aLargeFileIsReadInPieces() throws IOException {
        Path file = folder().resolve("a.jsonl");
        String padding = "p".repeat(500_000);
        for (int i = 0; i < 150; i++) {
            Readings.spectrum(i, 0.5).with("padding", padding).appendTo(file);
        }
        RunFolder runs = open();
        JsonNode answer = read(runs, 0);
        assertThat(answer.path("more").asBoolean()).isTrue();
        assertThat(answer.path("readings").asInt()).isBetween(50, 80);

        int asked = 1;
        while (answer.path("more").asBoolean()) {
            answer = read(runs, 0, Cursor.of(answer.path("cursor").asText()));
            asked++;
        }

        assertThat(answer.path("readings").asInt()).isEqualTo(150);
        assertThat(asked).isEqualTo(3);
    }

    @Test
    void aFolderThatIsNoneIsRefused() throws IOException {
        assertThatThrownBy(() -> new RunFolder(parent.resolve("gone"))).isInstanceOf(NoSuchFileException.class);
        Path file = Files.writeString(parent.resolve("file"), "");
        assertThatThrownBy(() -> new RunFolder(file)).isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void aRunThatIsDeletedIsGone() throws IOException {
        Path file = folder().resolve("a.jsonl");
        Readings.spectrum(0, 0.5).appendTo(file);
        RunFolder runs = open();
        assertThat(runs.runs()).hasSize(1);
        Files.delete(file);

        for (int i = 0; i < 100 && !runs.runs().isEmpty(); i++) {
            Pause.briefly();
        }

        assertThat(runs.runs()).isEmpty();
        assertThat(new Api(runs, "ab", "1").run(0, Cursor.NOTHING)).isEmpty();
    }
}
