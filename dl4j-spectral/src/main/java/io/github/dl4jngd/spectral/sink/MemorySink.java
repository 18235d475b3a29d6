package io.github.dl4jngd.spectral.sink;

import java.util.ArrayList;
import java.util.List;

/** Keeps readings in memory. Safe to read while training goes on in another thread. */
public final class MemorySink implements Sink {

    private final List<Reading> readings = new ArrayList<>();

    /** Creates a sink without readings. */
    public MemorySink() {}

    @Override
    public synchronized void accept(Reading reading) {
        readings.add(reading);
    }

    /**
     * All readings so far.
     *
     * @return a copy
     */
    public synchronized List<Reading> readings() {
        return List.copyOf(readings);
    }

    /**
     * One number of all readings so far.
     *
     * @param name as in {@link Reading#values()}
     * @return the series
     * @throws IllegalArgumentException if no reading has a number of that name
     */
    public synchronized double[] series(String name) {
        return readings.stream()
                .mapToDouble(reading -> {
                    Double value = reading.values().get(name);
                    if (value == null) {
                        throw new IllegalArgumentException("There is no series '" + name + "'; there are "
                                + reading.values().keySet());
                    }
                    return value;
                })
                .toArray();
    }
}
