/** {@code ngd continual}: tasks one after the other, in the theory of wide networks and in trained ones. */
package io.github.dl4jngd.cli.continual;
