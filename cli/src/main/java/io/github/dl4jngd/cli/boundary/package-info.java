/** {@code ngd boundary}: where gradient descent stops converging. */
package io.github.dl4jngd.cli.boundary;
