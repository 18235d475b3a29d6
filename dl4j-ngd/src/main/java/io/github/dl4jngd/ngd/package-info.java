/**
 * Natural-gradient training of an existing Deeplearning4j model.
 *
 * <p>{@link io.github.dl4jngd.ngd.NaturalGradient#attach} puts a preconditioner in front of the model's own updaters:
 * each step the raw gradient is replaced by the natural gradient, and the configured updater (learning rate, schedule,
 * momentum) acts on it as it would on a gradient.
 */
package io.github.dl4jngd.ngd;
