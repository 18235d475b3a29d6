/** The command line {@code ngd}: its entry point, its options and how it reports errors. */
package io.github.dl4jngd.cli;
