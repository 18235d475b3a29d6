/** Training listeners: the Fisher spectrum beside the learning rate, and the isotropy of natural-gradient steps. */
package io.github.dl4jngd.spectral.listener;
