package io.github.dl4jngd.spectral.sink;

import java.util.Map;

/** A reading of any numbers. */
record Numbers(int iteration, int epoch, Map<String, Double> values) implements Reading {}
