/**
 * How synthetic images are drawn: a painter for each kind, and the random numbers that decide what it draws. Not for
 * users of the library, who ask {@link io.github.dl4jngd.datasets.SyntheticImages}.
 */
package io.github.dl4jngd.datasets.internal.paint;
