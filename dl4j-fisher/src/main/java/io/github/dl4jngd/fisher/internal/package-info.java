/**
 * What every package here builds on and nobody outside should: products and diagonals of ND4J's matrices, scratch
 * memory for loops, files that are complete or not there. It may change without notice.
 */
@NullMarked
package io.github.dl4jngd.fisher.internal;

import org.jspecify.annotations.NullMarked;
