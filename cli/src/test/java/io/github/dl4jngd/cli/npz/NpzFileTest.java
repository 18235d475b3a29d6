package io.github.dl4jngd.cli.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzFileTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsStoredAndDeflatedEntriesInOrder(boolean deflated) throws IOException {
        Path file = NpyBytes.write(directory, "a b.npz", NpyBytes.zip(deflated, entries()));

        NpzFile npz = NpzFile.read(file);

        assertThat(npz.path()).isEqualTo(file);
        assertThat(npz.names()).containsExactly("param/conv1/W", "x");
        assertThat(npz.contains("x")).isTrue();
        assertThat(npz.contains("y")).isFalse();
        assertThat(npz.array("x").toDoubles()).containsExactly(1, 2, 3);
        assertThat(npz.arrays())
                .extracting(NpyArray::toString)
                .containsExactly("param/conv1/W |u1 [1, 2]", "x <f8 [3]");
        assertThatThrownBy(() -> npz.array("y"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("has no array 'y'; it has param/conv1/W, x");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyTruncationEndsInAnIoException(boolean deflated) throws IOException {
        byte[] whole = NpyBytes.zip(deflated, entries());
        for (int length = 0; length < whole.length; length++) {
            Path file = NpyBytes.write(directory, "short.npz", Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> NpzFile.read(file))
                    .as("first %d of %d bytes", length, whole.length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noFlippedByteReachesTheValues(boolean deflated) throws IOException {
        byte[] whole = NpyBytes.zip(deflated, entries());
        for (int position = 0; position < whole.length; position++) {
            byte[] damaged = whole.clone();
            damaged[position] ^= 0x55;
            Path file = NpyBytes.write(directory, "flipped.npz", damaged);
            try {
                NpzFile npz = NpzFile.read(file); // time stamps and the like may be anything
                if (npz.contains("x")) {
                    assertThat(npz.array("x").toDoubles())
                            .as("byte %d", position)
                            .containsExactly(1, 2, 3);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(file.toString());
            }
        }
    }

    @Test
    void saysWhichEntryIsDamaged() throws IOException {
        byte[] bytes = NpyBytes.zip(false, entries());
        int data = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("(3,)") + "(3,), }\n".length();
        bytes[data + 3] ^= 1;
        Path file = NpyBytes.write(directory, "a.npz", bytes);

        assertThatThrownBy(() -> NpzFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.npz, entry 'x.npy': damaged data: expected CRC-32");
    }

    @Test
    void saysWhatIsWrongWithTheFile() throws IOException {
        Path text = NpyBytes.write(directory, "text.npz", "no zip".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> NpzFile.read(text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("text.npz: expected a complete .npz (zip) file, found damage in its 6 bytes:");
        assertThatThrownBy(() -> NpzFile.read(directory.resolve("none.npz"))).isInstanceOf(NoSuchFileException.class);
    }

    private static Map<String, byte[]> entries() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("param/conv1/W.npy", NpyBytes.npy("|u1", false, "(1, 2)", new byte[] {7, 8}));
        entries.put("x.npy", NpyBytes.npy("<f8", false, "(3,)", NpyBytes.doubles(ByteOrder.LITTLE_ENDIAN, 1, 2, 3)));
        return entries;
    }
}
