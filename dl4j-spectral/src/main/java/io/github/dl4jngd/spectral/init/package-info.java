/** Initialisations that build the networks of mean-field theory. */
package io.github.dl4jngd.spectral.init;
