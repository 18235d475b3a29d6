/** {@code ngd spectrum}: eigenvalues of the Fisher information matrix of random networks beside mean-field theory. */
package io.github.dl4jngd.cli.spectrum;
