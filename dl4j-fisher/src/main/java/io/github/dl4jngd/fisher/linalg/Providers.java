package io.github.dl4jngd.fisher.linalg;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the provider. */
final class Providers {

    static final String PROPERTY = "dl4jngd.linalg";

    private static final Logger log = LoggerFactory.getLogger(LinearAlgebra.class);

    private Providers() {}

    static LinearAlgebra best() {
        return Best.PROVIDER;
    }

    /** Resolves a value of the system property; null or blank means whatever suits the back end. */
    static LinearAlgebra choose(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return forBackend();
        }
        return switch (name) {
            case "openblas" -> openBlas();
            case "portable" -> new PortableLinearAlgebra();
            case "java" -> new JavaLinearAlgebra();
            default ->
                throw new LinearAlgebraException("system property " + PROPERTY + " is \"" + name
                        + "\", which is no provider of linear algebra: expected openblas, portable or java, or leave it"
                        + " unset");
        };
    }

    private static LinearAlgebra forBackend() {
        if (!Nd4j.getEnvironment().isCPU()) {
            return new PortableLinearAlgebra();
        }
        try {
            return OpenBlasLinearAlgebra.create();
        } catch (LinkageError e) {
            log.debug("No LAPACK in OpenBLAS, or no OpenBLAS: {}", e.toString());
            return new JavaLinearAlgebra();
        } catch (LinearAlgebraException e) {
            log.warn("{}. Until then factorisations run in Java, slowly.", e.getMessage());
            return new JavaLinearAlgebra();
        }
    }

    private static LinearAlgebra openBlas() {
        if (!Nd4j.getEnvironment().isCPU()) {
            throw new LinearAlgebraException("system property " + PROPERTY
                    + " asks for openblas, which works on host memory only, but ND4J's back end is "
                    + Nd4j.getBackend().getClass().getSimpleName() + ": expected portable or java, or leave it unset");
        }
        try {
            return OpenBlasLinearAlgebra.create();
        } catch (LinkageError e) {
            throw new LinearAlgebraException(
                    "system property " + PROPERTY
                            + " asks for openblas, but org.bytedeco:openblas with LAPACK is not on the class path: add"
                            + " it with its native for this machine, or choose portable or java",
                    e);
        }
    }

    /** Initialised at the first call of best(). */
    private static final class Best {
        static final LinearAlgebra PROVIDER = choose(System.getProperty(PROPERTY));

        static {
            log.debug("Linear algebra provider: {}", PROVIDER.name());
            if (Nd4j.getEnvironment().isCPU()) {
                OpenBlasKernels.advice().ifPresent(log::warn);
            }
        }
    }
}
