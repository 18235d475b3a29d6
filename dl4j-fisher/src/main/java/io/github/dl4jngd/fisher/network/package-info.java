/**
 * A Deeplearning4j model linearised at its parameters and one minibatch: outputs, jvp, vjp and the captured a and δ of
 * every layer.
 *
 * <p>The only package that reads Deeplearning4j's layers. {@link io.github.dl4jngd.fisher.network.LinearizedNetwork}
 * compiles a model into a list of differentiable operations, one {@link io.github.dl4jngd.fisher.network.LayerRule} per
 * layer class; users can add rules through {@link java.util.ServiceLoader}.
 */
@NullMarked
package io.github.dl4jngd.fisher.network;

import org.jspecify.annotations.NullMarked;
