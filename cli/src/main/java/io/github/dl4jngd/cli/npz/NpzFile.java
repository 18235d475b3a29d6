package io.github.dl4jngd.cli.npz;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * All arrays of a NumPy {@code .npz} file, stored or deflated, in the file's order. Immutable; holds no open file.
 *
 * <p>Every entry is checked against the zip directory's length and CRC-32, which {@link ZipFile} itself does not do.
 */
public final class NpzFile {

    private static final String SUFFIX = ".npy";

    private final Path path;
    private final Map<String, NpyArray> arrays;

    private NpzFile(Path path, Map<String, NpyArray> arrays) {
        this.path = path;
        this.arrays = Collections.unmodifiableMap(arrays);
    }

    /**
     * Reads every array of a file into memory.
     *
     * @param path the {@code .npz} file
     * @return its arrays
     * @throws IOException when the file is missing, is no zip file, is truncated or damaged, or holds an array whose
     *     element type is not supported; the message names file and entry
     */
    public static NpzFile read(Path path) throws IOException {
        if (Files.notExists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                NpyArray array = read(path, zip, entry);
                if (arrays.put(array.name(), array) != null) {
                    throw new IOException(path + ": two entries are named '" + entry.getName() + "', expected one");
                }
            }
        } catch (ZipException | EOFException | IllegalArgumentException e) { // the last for names that are no UTF-8
            throw new IOException(
                    path + ": expected a complete .npz (zip) file, found damage in its " + Files.size(path) + " bytes: "
                            + reason(e),
                    e);
        }
        return new NpzFile(path, arrays);
    }

    private static NpyArray read(Path path, ZipFile zip, ZipEntry entry) throws IOException {
        String where = path + ", entry '" + entry.getName() + "'";
        CRC32 checksum = new CRC32();
        NpyArray array;
        try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), checksum)) {
            array = new NpyReader(where).read(arrayName(entry.getName()), in);
        } catch (IOException e) {
            if (e.getMessage() != null && e.getMessage().startsWith(where)) {
                throw e;
            }
            throw new IOException(
                    where + ": expected " + entry.getSize() + " readable bytes, found damage: " + reason(e), e);
        }
        if (checksum.getValue() != entry.getCrc()) {
            throw new IOException(String.format(
                    "%s: damaged data: expected CRC-32 %08x, found %08x", where, entry.getCrc(), checksum.getValue()));
        }
        return array;
    }

    private static String reason(Exception damage) {
        return damage instanceof EOFException ? "it ends early" : damage.getMessage();
    }

    static String arrayName(String entry) {
        return entry.endsWith(SUFFIX) ? entry.substring(0, entry.length() - SUFFIX.length()) : entry;
    }

    /**
     * The path of the file.
     *
     * @return the path it was read from
     */
    public Path path() {
        return path;
    }

    /**
     * The names of the arrays.
     *
     * @return names without {@code .npy}, in the file's order
     */
    public Set<String> names() {
        return arrays.keySet();
    }

    /**
     * Whether there is an array of a name.
     *
     * @param name a name without {@code .npy}
     * @return true where {@link #array(String)} finds it
     */
    public boolean contains(String name) {
        return arrays.containsKey(name);
    }

    /**
     * All arrays of the file.
     *
     * @return them in the file's order
     */
    public List<NpyArray> arrays() {
        return List.copyOf(arrays.values());
    }

    /**
     * The array of a name.
     *
     * @param name its name without {@code .npy}
     * @return the array
     * @throws NoSuchElementException when there is none of that name
     */
    public NpyArray array(String name) {
        NpyArray array = arrays.get(name);
        if (array == null) {
            throw new NoSuchElementException(
                    path + " has no array '" + name + "'; it has " + String.join(", ", names()));
        }
        return array;
    }
}
