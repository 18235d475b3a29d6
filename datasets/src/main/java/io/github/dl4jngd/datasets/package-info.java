/** Placeholder. */
package io.github.dl4jngd.datasets;
