/** The command {@code ngd verify}: every quantity of a reference file recomputed. */
package io.github.dl4jngd.cli.verify;
