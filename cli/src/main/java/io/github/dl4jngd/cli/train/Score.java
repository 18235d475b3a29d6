package io.github.dl4jngd.cli.train;

/**
 * Means over examples.
 *
 * @param loss the cross-entropy, in nats per example
 * @param fit what {@link Scoring} says: the fraction of examples whose largest output is the right class, or the
 *     squared error
 */
record Score(double loss, double fit) {}
