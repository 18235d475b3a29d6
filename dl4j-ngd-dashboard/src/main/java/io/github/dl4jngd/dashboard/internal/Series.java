package io.github.dl4jngd.dashboard.internal;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The readings of one kind, column by column, in order of their iterations.
 *
 * <p>A long series is thinned: a row then stands for a bucket of 2, 4, 8, … readings, and has of each number the worst
 * of its bucket. Spikes are what one looks for, and taking every k-th reading would drop most of them.
 */
final class Series {

    /** Rows that are held at most. */
    static final int CAPACITY = 1 << 14;

    /** Rows that are sent at most. */
    static final int SENT = 1 << 10;

    /** Columns that are held at most: a file may have a new name in every line. */
    private static final int COLUMNS = 2_000;

    private static final String ITERATION = "iteration";
    private static final String EPOCH = "epoch";

    /** Numbers whose worst is their smallest. */
    private static final Set<String> SMALL_IS_BAD =
            Set.of("boundary", "two_over_lambda_max", "converged", "reduction_ratio", "test_accuracy");

    private final Map<String, double[]> columns = new LinkedHashMap<>();
    private int rows;

    /** How many readings a row stands for. */
    private int bucket;

    /** How many of them the last row has. */
    private int inLast;

    private int lastIteration;

    /** Counts changes. */
    private long version;

    /** A series without readings. */
    Series() {
        clear();
    }

    void clear() {
        columns.clear();
        columns.put(ITERATION, new double[16]);
        columns.put(EPOCH, new double[16]);
        rows = 0;
        bucket = 1;
        inLast = 0;
        lastIteration = -1;
        version = 0;
    }

    /**
     * Adds a reading. One of an earlier iteration, as of a run that goes on from a checkpoint, replaces what was read
     * from that iteration on.
     *
     * @return whether something was replaced
     */
    boolean add(int iteration, int epoch, Map<String, Double> values) {
        boolean replaced = iteration < lastIteration;
        if (replaced) {
            cut(iteration);
        }
        version++;
        boolean merged = rows > 0 && (iteration == lastIteration || inLast < bucket);
        if (!merged) {
            if (rows == CAPACITY) {
                halve();
            }
            begin(iteration, epoch);
        } else if (iteration != lastIteration) {
            inLast++;
        }
        lastIteration = iteration;
        values.forEach((name, value) -> put(name, rows - 1, value));
        return replaced;
    }

    private void begin(int iteration, int epoch) {
        if (rows == columns.get(ITERATION).length) {
            columns.replaceAll((name, column) -> Arrays.copyOf(column, 2 * column.length));
        }
        columns.values().forEach(column -> column[rows] = Double.NaN);
        columns.get(ITERATION)[rows] = iteration;
        columns.get(EPOCH)[rows] = epoch;
        rows++;
        inLast = 1;
    }

    private void put(String name, int row, double value) {
        if (name.equals(ITERATION) || name.equals(EPOCH)) {
            return;
        }
        double[] column = columns.get(name);
        if (column == null) {
            if (columns.size() == COLUMNS) {
                return;
            }
            column = new double[columns.get(ITERATION).length];
            Arrays.fill(column, Double.NaN);
            columns.put(name, column);
        }
        column[row] = worst(name, column[row], value);
    }

    /** The worse of two numbers; NaN only where both are. A bucket begins where its first reading was. */
    private static double worst(String name, double first, double second) {
        if (name.equals(ITERATION) || name.equals(EPOCH)) {
            return first;
        }
        if (Double.isNaN(first)) {
            return second;
        }
        if (Double.isNaN(second)) {
            return first;
        }
        return SMALL_IS_BAD.contains(name) ? Math.min(first, second) : Math.max(first, second);
    }

    private void cut(int iteration) {
        double[] iterations = columns.get(ITERATION);
        while (rows > 0 && iterations[rows - 1] >= iteration) {
            rows--;
        }
        inLast = bucket;
        lastIteration = -1;
    }

    private void halve() {
        for (Map.Entry<String, double[]> each : columns.entrySet()) {
            double[] column = each.getValue();
            for (int i = 0; i < rows / 2; i++) {
                column[i] = worst(each.getKey(), column[2 * i], column[2 * i + 1]);
            }
        }
        rows /= 2;
        bucket *= 2;
        inLast = bucket;
    }

    int rows() {
        return rows;
    }

    long version() {
        return version;
    }

    /**
     * A part of the series as it is sent.
     *
     * @param bucket how many readings a row stands for
     * @param from the first row; those before it are known
     * @param columns all columns, from that row on
     */
    record Part(int bucket, int from, Map<String, double[]> columns) {

        /** How many rows there are from the first on. */
        int rows() {
            return columns.get(ITERATION).length;
        }
    }

    /**
     * The rows that somebody does not know who has a number of rows of a certain bucket. The last one that they know is
     * sent again, because its bucket may have grown.
     */
    Part after(int knownBucket, int knownRows) {
        int group = 1;
        while ((rows + group - 1) / group > SENT) {
            group *= 2;
        }
        int all = (rows + group - 1) / group;
        int from = knownBucket == bucket * group ? Math.max(0, Math.min(knownRows, all) - 1) : 0;
        Map<String, double[]> sent = new LinkedHashMap<>();
        for (Map.Entry<String, double[]> each : columns.entrySet()) {
            sent.put(each.getKey(), grouped(each.getKey(), each.getValue(), group, from, all));
        }
        return new Part(bucket * group, from, sent);
    }

    private double[] grouped(String name, double[] column, int group, int from, int all) {
        double[] grouped = new double[all - from];
        for (int i = from; i < all; i++) {
            double worst = column[i * group];
            for (int j = i * group + 1; j < Math.min(rows, (i + 1) * group); j++) {
                worst = worst(name, worst, column[j]);
            }
            grouped[i - from] = worst;
        }
        return grouped;
    }
}
