/**
 * Dense linear algebra on ND4J arrays: Cholesky factorisations, symmetric eigenproblems, general and batched solves, in
 * float32 and float64.
 *
 * <p>{@link io.github.dl4jngd.fisher.linalg.LinearAlgebra#best()} hands out the provider that suits the ND4J back end
 * on the class path. ND4J's own operations are not enough: some take seconds where LAPACK takes milliseconds, refuse
 * matrices that are symmetric only up to rounding, or return without having done anything. This package knows nothing
 * of Deeplearning4j.
 */
@NullMarked
package io.github.dl4jngd.fisher.linalg;

import org.jspecify.annotations.NullMarked;
