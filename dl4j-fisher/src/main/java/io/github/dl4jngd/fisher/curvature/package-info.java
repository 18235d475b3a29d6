/**
 * Curvature of a linearised network: Gram matrices, Fisher approximations and Fisher-vector products.
 *
 * <p>Nothing here knows of Deeplearning4j. Everything is a small formula over the rows of J̃ = SᵀJ, where J is the
 * Jacobian of the network's outputs and H = S Sᵀ the Fisher information of the output distribution. The Fisher
 * information matrix is F = J̃ᵀJ̃/N.
 */
@NullMarked
package io.github.dl4jngd.fisher.curvature;

import org.jspecify.annotations.NullMarked;
