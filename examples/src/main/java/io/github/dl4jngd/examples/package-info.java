/**
 * Programs to copy: each is one file with a {@code main}, takes no options, needs no downloads and prints the same on
 * every run.
 */
package io.github.dl4jngd.examples;
