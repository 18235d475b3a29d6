/**
 * The Jacobian J = ∂f/∂θ and its columns, layer by layer, in the forms in which products with them are cheap.
 *
 * <p>{@link io.github.dl4jngd.fisher.jacobian.ParameterBlock} says where a layer's parameters lie and which matrix they
 * are seen as, {@link io.github.dl4jngd.fisher.jacobian.LayerJacobian} is that layer's columns: outer products (dense
 * layers), sums of outer products (convolutions) or the rows themselves. Nothing here knows of Deeplearning4j.
 */
@NullMarked
package io.github.dl4jngd.fisher.jacobian;

import org.jspecify.annotations.NullMarked;
