package io.github.dl4jngd.dashboard.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A run: the readings of its sources, each of which is read on when somebody asks. Not safe for several threads. */
final class Run {

    /** Readings of which the page says how many were beyond the boundary. */
    private static final int LATELY = 10;

    private final int number;
    private String name;
    private final List<RunSource> sources = new ArrayList<>();
    private List<Stamp> stamps = List.of();

    private final Map<Row.Kind, Series> series = new EnumMap<>(Row.Kind.class);
    private final Map<Row.Kind, Row> latest = new EnumMap<>(Row.Kind.class);
    private final Deque<Double> ratios = new ArrayDeque<>();

    /** Counts how often what was known no longer held. */
    private int generation;

    private long readings;
    private long unconverged;
    private long ofCopies;
    private long leftOut;
    private boolean more;
    private long asked = System.nanoTime();

    /**
     * A run without sources.
     *
     * @param number what it is asked for by
     * @param name for people
     */
    Run(int number, String name) {
        this.number = number;
        this.name = name;
        for (Row.Kind kind : Row.Kind.values()) {
            series.put(kind, new Series());
        }
    }

    /** Takes a source into the run, once. */
    void add(RunSource source) {
        if (sources.stream().noneMatch(each -> each.id().equals(source.id()))) {
            sources.add(source);
        }
    }

    void rename(String newName) {
        name = newName;
    }

    /** Looks whether sources have changed. */
    void look() {
        stamps = sources.stream().map(RunSource::look).toList();
    }

    /** Whether a source of the run is there. */
    boolean exists() {
        return stamps.stream().anyMatch(stamp -> !stamp.equals(Stamp.NONE));
    }

    /** Milliseconds since 1970; of the source that changed last. */
    long modified() {
        return stamps.stream().mapToLong(Stamp::modified).max().orElse(0);
    }

    /** A number that is another when a source has changed. */
    int stamp() {
        return stamps.hashCode();
    }

    /**
     * Reads on in all sources that have changed.
     *
     * @param budget how many bytes at most
     */
    void read(long budget) {
        asked = System.nanoTime();
        more = false;
        for (int i = 0; i < stamps.size(); i++) {
            if (!stamps.get(i).equals(Stamp.NONE)) {
                more |= sources.get(i).read(stamps.get(i), budget, new Collector(sources.get(i)));
            }
        }
    }

    /** Frees what was read where nobody has asked for a while; it is read again when somebody does. */
    void forgetUnlessAskedWithin(long nanoseconds) {
        if (readings > 0 && System.nanoTime() - asked > nanoseconds) {
            sources.forEach(RunSource::forget);
            clear();
        }
    }

    private void clear() {
        series.values().forEach(Series::clear);
        latest.clear();
        ratios.clear();
        readings = 0;
        unconverged = 0;
        ofCopies = 0;
        leftOut = 0;
    }

    /** Puts readings into their series. */
    private final class Collector implements RunSource.Readings {

        private final RunSource source;

        Collector(RunSource source) {
            this.source = source;
        }

        @Override
        public void restart() {
            generation++;
            clear();
            sources.stream().filter(each -> each != source).forEach(RunSource::forget);
        }

        @Override
        public void leftOut() {
            leftOut++;
        }

        @Override
        public void accept(Row row) {
            if (row.model() > 0) {
                ofCopies++; // they would lie across the first model's
                return;
            }
            if (series.get(row.kind()).add(row.iteration(), row.epoch(), row.values())) {
                generation++;
            }
            readings++;
            latest.put(row.kind(), row);
            if (row.kind() == Row.Kind.SPECTRUM) {
                count(row.values());
            }
        }

        private void count(Map<String, Double> values) {
            if (values.getOrDefault("converged", 1.0) == 0) {
                unconverged++;
            }
            double ratio = values.getOrDefault("rate_over_boundary", Double.NaN);
            if (!Double.isNaN(ratio)) {
                ratios.addLast(ratio);
            }
            if (ratios.size() > LATELY) {
                ratios.removeFirst();
            }
        }
    }

    int number() {
        return number;
    }

    String name() {
        return name;
    }

    Map<Row.Kind, Series> series() {
        return series;
    }

    Map<Row.Kind, Row> latest() {
        return latest;
    }

    int generation() {
        return generation;
    }

    long readings() {
        return readings;
    }

    /** Readings of the spectrum whose λ_max did not converge. */
    long unconverged() {
        return unconverged;
    }

    /** Readings of further copies of the model, which are not shown. */
    long ofCopies() {
        return ofCopies;
    }

    /** Lines that have no reading. */
    long leftOut() {
        return leftOut;
    }

    /** Whether its files have more than was read. */
    boolean more() {
        return more;
    }

    /** How many of the last readings that have a ratio were beyond the boundary. */
    long beyond() {
        return ratios.stream().filter(ratio -> ratio > 1).count();
    }

    /** How many those are. */
    int lately() {
        return ratios.size();
    }
}
