/**
 * A Deeplearning4j model while it trains, of either of its classes, for updaters and listeners alike: {@link
 * io.github.dl4jngd.fisher.internal.training.LiveModel}.
 */
@NullMarked
package io.github.dl4jngd.fisher.internal.training;

import org.jspecify.annotations.NullMarked;
