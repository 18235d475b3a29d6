/**
 * What a natural gradient's step tells a listener: {@link io.github.dl4jngd.fisher.training.StepReport}, by which the
 * two know nothing of each other.
 */
@NullMarked
package io.github.dl4jngd.fisher.training;

import org.jspecify.annotations.NullMarked;
