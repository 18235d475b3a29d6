/** Placeholder. */
package io.github.dl4jngd.ngd;
