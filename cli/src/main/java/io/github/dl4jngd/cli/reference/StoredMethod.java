package io.github.dl4jngd.cli.reference;

import io.github.dl4jngd.fisher.curvature.BlockTriDiagonalFisher;
import io.github.dl4jngd.fisher.curvature.ExactFisher;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.LayerWiseFisher;
import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.ngd.Method;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A method as reference files have it: by its definition, with the true Fisher matrix of one minibatch and no averages.
 *
 * @param method the method
 * @param key its name in the files
 * @param definition makes an approximation that has observed nothing yet
 */
public record StoredMethod(Method method, String key, Function<LinearAlgebra, FisherApproximation> definition) {

    private static final List<StoredMethod> ALL = List.of(
            new StoredMethod(Method.EXACT, "exact", ExactFisher::new),
            new StoredMethod(Method.LAYER_WISE, "block_diagonal", LayerWiseFisher::new),
            new StoredMethod(Method.BLOCK_TRI_DIAGONAL, "block_tri_diagonal", BlockTriDiagonalFisher::new),
            new StoredMethod(Method.UNIT_WISE, "unit_wise", UnitWiseFisher::new),
            new StoredMethod(
                    Method.KFAC, "kfac", algebra -> new KroneckerFisher(algebra, KroneckerFisher.Options.exact())));

    /**
     * A method that files may have.
     *
     * @param method the method
     * @return how they have it, or empty where they do not
     */
    public static Optional<StoredMethod> of(Method method) {
        return ALL.stream().filter(stored -> stored.method == method).findFirst();
    }

    /**
     * A method by its name in a file.
     *
     * @param key the name; the words of the command line with underscores are taken, too
     * @return the method, or empty if there is none of this name
     */
    public static Optional<StoredMethod> named(String key) {
        return ALL.stream()
                .filter(stored -> stored.key.equals(key)
                        || stored.method.toString().replace('-', '_').equals(key))
                .findFirst();
    }

    /**
     * The names that files may have, for messages.
     *
     * @return such as {@code exact, block_diagonal or kfac}
     */
    public static String keys() {
        String last = ALL.get(ALL.size() - 1).key;
        return ALL.stream().limit(ALL.size() - 1L).map(StoredMethod::key).collect(Collectors.joining(", ")) + " or "
                + last;
    }
}
