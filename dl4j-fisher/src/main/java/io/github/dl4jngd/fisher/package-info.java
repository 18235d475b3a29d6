/** Placeholder. */
package io.github.dl4jngd.fisher;
