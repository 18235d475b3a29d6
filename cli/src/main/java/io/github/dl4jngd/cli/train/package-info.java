/**
 * Training with several methods side by side: {@link io.github.dl4jngd.cli.train.TrainingMethod} is where a method
 * plugs in, everything else is the same for all of them.
 */
package io.github.dl4jngd.cli.train;
