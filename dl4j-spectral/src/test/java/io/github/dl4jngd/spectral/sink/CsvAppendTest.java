package io.github.dl4jngd.spectral.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Going on with the CSV file of an earlier run. */
class CsvAppendTest {

    private static final String HEADER = "iteration,epoch,lambda\n";

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("a.csv");
    }

    @Test
    void rowsBeforeTheIterationAreKept() throws IOException {
        Files.writeString(file, HEADER + "0,0,1.5\n10,0,-2.0E-5\n20,1,\n30,1,Infinity\n");
        append(20);
        assertThat(file).hasContent(HEADER + "0,0,1.5\n10,0,-2.0E-5\n20,7,3.0\n");
    }

    @Test
    void anIncompleteLineIsDropped() throws IOException {
        Files.writeString(file, HEADER + "0,0,1.5\n10,0,2");
        append(20);
        assertThat(file).hasContent(HEADER + "0,0,1.5\n20,7,3.0\n");
    }

    @Test
    void aFileOfEarlierIterationsIsAddedTo() throws IOException {
        Files.writeString(file, HEADER + "0,0,1.5\r\n");
        append(20);
        assertThat(Files.readString(file)).isEqualTo(HEADER + "0,0,1.5\r\n20,7,3.0\n");
    }

    @Test
    void twiceIsOnce() throws IOException {
        append(20);
        append(20);
        append(20);
        assertThat(file).hasContent(HEADER + "20,7,3.0\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "iter", "iteration,epoch", "iteration,epoch,", "iteration,epoch,lam"})
    void aWriterMayHaveBeenStoppedWithinTheHeader(String stopped) throws IOException {
        Files.writeString(file, stopped);
        append(20);
        assertThat(file).hasContent(HEADER + "20,7,3.0\n");
    }

    @Test
    void createsTheFileWhereThereIsNone() throws IOException {
        try (CsvSink sink = CsvSink.append(file, 5)) {
            assertThat(file).isEmptyFile();
            sink.accept(reading(6));
            sink.accept(reading(7));
        }
        assertThat(file).hasContent(HEADER + "6,7,3.0\n7,7,3.0\n");
    }

    @Test
    void namesMayHaveCommasQuotesAndLineFeeds() throws IOException {
        Map<String, Double> values = Map.of("a \"b\", c\nd", 1.0);
        try (CsvSink sink = new CsvSink(file)) {
            sink.accept(new Numbers(0, 0, values));
            sink.accept(new Numbers(1, 0, values));
        }
        String before = Files.readString(file);
        try (CsvSink sink = CsvSink.append(file, 1)) {
            sink.accept(new Numbers(1, 0, values));
        }
        assertThat(file).hasContent(before);
    }

    @Test
    void theFileIsNotTouchedBeforeTheFirstReading() throws IOException {
        String before = HEADER + "0,0,1.5\n30,1,2.0\n40,1";
        Files.writeString(file, before);
        try (CsvSink sink = CsvSink.append(file, 20)) {
            sink.flush();
        }
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void otherColumnsAreRefusedAtTheFirstReading() throws IOException {
        String before = "iteration,epoch,lambda,trace\n0,0,1.5,2.0\n30,1,2.0,2.0\n";
        Files.writeString(file, before);
        try (CsvSink sink = CsvSink.append(file, 20)) {
            assertThatIOException()
                    .isThrownBy(() -> sink.accept(reading(20)))
                    .withMessageContaining(file.toString())
                    .withMessageContaining("has the columns [iteration, epoch, lambda, trace], the reading [");
        }
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "hello\n",
                "\n",
                "iteration\n",
                "iterations,epoch,lambda\n",
                "epoch,iteration,lambda\n0,0,1\n",
                "\uFEFFiteration,epoch,lambda\n",
                "iteration,epoch,lambda\r0,0,1\r",
                "iteration,epoch,lam\"bda\n0,0,1\n",
                "iteration,epoch,lam\"bda\n0,0,1\n0,0,\"1\n",
                "iteration,epoch,\"lambda\n0,0,1\n"
            })
    void otherFilesAreRefused(String text) throws IOException {
        assertRefused(text, "its header should begin with iteration,epoch, and it begins with '");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            x,0,1          | has 'x' for its iteration
            ,0,1           | has '' for its iteration
            -1,0,1         | has '-1' for its iteration
            2147483648,0,1 | has '2147483648' for its iteration
            1.0,0,1        | has '1.0' for its iteration
            ٣,0,1          | has '٣' for its iteration
            1,x,1          | has 'x' for its epoch
            1,0,x          | has 'x' where a number is expected
            1,0,"1"        | has '"1"' where a number is expected
            1,0            | has 2 cells, the header 3
            1,0,1,2        | has 4 cells, the header 3
            ``             | has 1 cells, the header 3
            """)
    void otherRowsAreRefused(String row, String message) throws IOException {
        assertRefused(HEADER + "0,0,1\n" + row + "\n2,0,1\n", "its line 3 " + message);
    }

    @Test
    void endlessLinesAreRefused() throws IOException {
        assertRefused("iteration,epoch," + "a".repeat(1 << 20) + "\n", "line 1 has more than 1048576 bytes");
        assertRefused(HEADER + "0,0," + "1".repeat(1 << 20) + "\n", "line 2 has more than 1048576 bytes");
    }

    @Test
    void aFolderIsRefused() {
        assertThatIOException()
                .isThrownBy(() -> CsvSink.append(directory, 0))
                .withMessageContaining("it is no file that can be read and written");
    }

    @Test
    void theFirstIterationIsZero() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CsvSink.append(file, -1))
                .withMessageContaining("-1");
    }

    @Test
    void aFileThatCannotBeShortenedIsAsItWas() throws IOException {
        // a name so long that none can be made of it for the copy
        Path file = directory.resolve("a".repeat(246) + ".csv");
        String before = HEADER + "0,0,1.5\n30,1,2.0\n";
        Files.writeString(file, before);
        try (CsvSink sink = CsvSink.append(file, 20)) {
            assertThatIOException().isThrownBy(() -> sink.accept(reading(20)));
        }
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void aLinkStaysOne() throws IOException {
        Path target = Files.writeString(directory.resolve("target.csv"), HEADER + "30,0,1.5\n");
        try {
            Files.createSymbolicLink(file, target);
        } catch (IOException | UnsupportedOperationException e) {
            Assumptions.abort("no symbolic links here: " + e);
        }
        append(20);
        assertThat(file).isSymbolicLink();
        assertThat(target).hasContent(HEADER + "20,7,3.0\n");
    }

    private void append(int fromIteration) throws IOException {
        try (CsvSink sink = CsvSink.append(file, fromIteration)) {
            sink.accept(reading(fromIteration));
        }
        try (var files = Files.list(directory)) {
            assertThat(files.filter(other -> other.getFileName().toString().endsWith(".part")))
                    .isEmpty();
        }
    }

    private void assertRefused(String text, String message) throws IOException {
        Files.writeString(file, text);
        assertThatIOException()
                .isThrownBy(() -> CsvSink.append(file, 1))
                .withMessageStartingWith(file + " cannot be continued: ")
                .withMessageContaining(message);
        assertThat(Files.readString(file)).isEqualTo(text);
        try (var files = Files.list(directory)) {
            assertThat(files.toList()).isEqualTo(List.of(file));
        }
    }

    private static Reading reading(int iteration) {
        return new Numbers(iteration, 7, Map.of("lambda", 3.0));
    }
}
