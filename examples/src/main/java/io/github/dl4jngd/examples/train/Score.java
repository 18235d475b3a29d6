package io.github.dl4jngd.examples.train;

/** Mean cross-entropy (nats per example) and the fraction of examples whose largest output is the right class. */
record Score(double loss, double accuracy) {}
