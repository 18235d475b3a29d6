package io.github.dl4jngd.cli.reference;

import io.github.dl4jngd.cli.npz.NpyArray;
import io.github.dl4jngd.cli.npz.NpzFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The arrays of a {@code .npz} file and the JSON file beside it that says what they belong to. */
public final class ReferenceFile {

    private static final String SUFFIX = ".npz";

    private final NpzFile npz;
    private final Description description;

    private ReferenceFile(NpzFile npz, Description description) {
        this.npz = npz;
        this.description = description;
    }

    /**
     * Reads both files.
     *
     * @param npz the file with the arrays
     * @return the reference
     * @throws UnusableFileException if either is missing or damaged
     */
    public static ReferenceFile read(Path npz) throws UnusableFileException {
        if (Files.notExists(npz)) {
            throw new UnusableFileException(npz, "no such file");
        }
        String name = String.valueOf(npz.getFileName());
        if (!name.endsWith(SUFFIX)) {
            throw new UnusableFileException(npz, "expected a file whose name ends in " + SUFFIX);
        }
        try {
            NpzFile arrays = NpzFile.read(npz);
            String json = name.substring(0, name.length() - SUFFIX.length()) + ".json";
            return new ReferenceFile(arrays, Description.read(npz.resolveSibling(json)));
        } catch (IOException e) {
            throw new UnusableFileException(npz, "cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The file with the arrays.
     *
     * @return its path
     */
    public Path path() {
        return npz.path();
    }

    /**
     * The file's name.
     *
     * @return the name without folder and ending
     */
    public String name() {
        String name = String.valueOf(npz.path().getFileName());
        return name.substring(0, name.length() - SUFFIX.length());
    }

    /**
     * What the arrays belong to.
     *
     * @return the JSON file's content
     */
    public Description description() {
        return description;
    }

    /**
     * The names of the arrays.
     *
     * @return names, in the file's order
     */
    public Set<String> names() {
        return npz.names();
    }

    /**
     * An array of any shape.
     *
     * @param key its name
     * @return the array, float64
     * @throws UnusableFileException if it is missing or has no elements
     */
    public INDArray array(String key) throws UnusableFileException {
        if (!npz.contains(key)) {
            throw new UnusableFileException(
                    npz.path(), "has no array '" + key + "'; it has " + String.join(", ", npz.names()));
        }
        NpyArray array = npz.array(key);
        if (array.size() == 0) {
            throw wrong(key, "expected at least one element, found shape " + Arrays.toString(array.shape()));
        }
        return array.toINDArray();
    }

    /**
     * An array of a certain shape.
     *
     * @param key its name
     * @param shape the expected shape; −1 for any size
     * @return the array, float64
     * @throws UnusableFileException if it is missing or has another shape
     */
    public INDArray array(String key, long... shape) throws UnusableFileException {
        INDArray array = array(key);
        boolean fits = array.rank() == shape.length;
        for (int i = 0; fits && i < shape.length; i++) {
            fits = shape[i] < 0 || shape[i] == array.size(i);
        }
        if (!fits) {
            throw wrong(
                    key,
                    "expected shape " + Arrays.toString(shape).replace("-1", "any") + ", found "
                            + Arrays.toString(array.shape()));
        }
        if (array.isNaN().any() || array.isInfinite().any()) {
            throw wrong(key, "expected finite numbers, found NaN or infinity");
        }
        return array.castTo(DataType.DOUBLE);
    }

    /**
     * A complaint about an array.
     *
     * @param key its name
     * @param message what was expected and what was found
     * @return the exception, to be thrown
     */
    public UnusableFileException wrong(String key, String message) {
        return new UnusableFileException(npz.path(), "array '" + key + "': " + message);
    }
}
