package io.github.dl4jngd.cli.verify;

import io.github.dl4jngd.cli.reference.ReferenceFile;
import io.github.dl4jngd.cli.reference.StoredMethod;
import io.github.dl4jngd.cli.reference.UnusableFileException;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A natural gradient {@code ng_<method>_<damping>} in a file.
 *
 * @param key the array's name
 * @param method the method's name in the file
 * @param damping ρ
 */
record StoredDirection(String key, String method, double damping) {

    private static final String PREFIX = "ng_";
    private static final Pattern KEY = Pattern.compile("ng_(.+)_([0-9.]+(?:[eE][+-]?[0-9]+)?)");

    /** All directions in a file, after checking that the methods and dampings which its JSON lists are there. */
    static List<StoredDirection> in(ReferenceFile file) throws UnusableFileException {
        List<StoredDirection> found = new ArrayList<>();
        if (file.description().has("network")) {
            double damping = file.description().number("damping");
            Set<String> keys = new TreeSet<>();
            for (String array : file.names()) {
                if (array.startsWith(PREFIX) && array.indexOf('/') > 0) {
                    keys.add(array.substring(0, array.indexOf('/')));
                }
            }
            for (String key : keys) {
                found.add(known(file, key, key.substring(PREFIX.length()), damping));
            }
            return found;
        }
        for (String key : file.names()) {
            if (key.startsWith(PREFIX)) {
                found.add(parse(file, key));
            }
        }
        for (String method : file.description().texts("methods")) {
            for (double damping : file.description().numbers("dampings")) {
                if (found.stream()
                        .noneMatch(direction -> direction.method.equals(method) && direction.damping == damping)) {
                    throw new UnusableFileException(
                            file.path(), "has no array 'ng_" + method + "_" + damping + "', which its JSON lists");
                }
            }
        }
        return found;
    }

    private static StoredDirection parse(ReferenceFile file, String key) throws UnusableFileException {
        Matcher matcher = KEY.matcher(key);
        if (!matcher.matches()) {
            throw file.wrong(key, "expected a name of the form ng_<method>_<damping>");
        }
        double damping;
        try {
            damping = Double.parseDouble(matcher.group(2));
        } catch (NumberFormatException e) {
            throw file.wrong(key, "'" + matcher.group(2) + "' is no damping");
        }
        return known(file, key, matcher.group(1), damping);
    }

    private static StoredDirection known(ReferenceFile file, String key, String method, double damping)
            throws UnusableFileException {
        if (StoredMethod.named(method).isEmpty()) {
            throw file.wrong(key, "the method '" + method + "' is unknown, expected " + StoredMethod.keys());
        }
        return new StoredDirection(key, method, damping);
    }

    FisherApproximation approximation(LinearAlgebra linearAlgebra) {
        return StoredMethod.named(method).orElseThrow().definition().apply(linearAlgebra);
    }
}
