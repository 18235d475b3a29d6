/**
 * A Deeplearning4j model while it trains, of either of its classes, for updaters and listeners alike: {@link
 * io.github.dl4jngd.fisher.internal.training.LiveModel}, and what a natural gradient's step tells a listener, {@link
 * io.github.dl4jngd.fisher.internal.training.StepReport}.
 */
package io.github.dl4jngd.fisher.internal.training;
