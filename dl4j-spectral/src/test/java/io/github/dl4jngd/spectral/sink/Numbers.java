package io.github.dl4jngd.spectral.sink;

import io.github.dl4jngd.spectral.internal.chart.LinePlot;
import java.util.List;
import java.util.Map;

/** A reading of any numbers. */
record Numbers(int iteration, int epoch, Map<String, Double> values) implements Reading {

    @Override
    public List<LinePlot> plots(List<? extends Reading> readings) {
        return List.of();
    }
}
