/**
 * The steps that a compiled network is made of, each with its forward pass, jvp, vjp and rows.
 *
 * <p>{@link io.github.dl4jngd.fisher.operation.Operations} is the palette for layer rules, built-in and users' own. Of
 * Deeplearning4j only enumerations of settings are known here, no layer and no model.
 */
@NullMarked
package io.github.dl4jngd.fisher.operation;

import org.jspecify.annotations.NullMarked;
