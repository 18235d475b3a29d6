package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.report.Numbers;

/**
 * How outputs are compared with targets, from logits and in double precision: probabilities would not do, in single
 * precision they round to 1 near a minimum and to 0 for a badly wrong example, and DL4J's own score clips them.
 */
enum Scoring {
    /** Softmax cross-entropy and accuracy. */
    CLASSIFICATION("accuracy", "acc") {
        @Override
        double loss(double[] logits, double[] targets, int from, int count) {
            return logSumExp(logits, from, count) - logits[from + largest(targets, from, count)];
        }

        @Override
        double fit(double[] logits, double[] targets, int from, int count) {
            return largest(logits, from, count) == largest(targets, from, count) ? 1 : 0;
        }

        @Override
        String shown(double fit) {
            return Numbers.percent(fit);
        }
    },
    /** Sigmoid cross-entropy and squared error, both summed over outputs. */
    RECONSTRUCTION("squared_error", "sq. err.") {
        @Override
        double loss(double[] logits, double[] targets, int from, int count) {
            double sum = 0;
            for (int i = from; i < from + count; i++) {
                // This is log(1 + eᶠ) − y f, without overflow.
                sum += Math.max(logits[i], 0) + Math.log1p(Math.exp(-Math.abs(logits[i]))) - targets[i] * logits[i];
            }
            return sum;
        }

        @Override
        double fit(double[] logits, double[] targets, int from, int count) {
            double sum = 0;
            for (int i = from; i < from + count; i++) {
                double difference = 1 / (1 + Math.exp(-logits[i])) - targets[i];
                sum += difference * difference;
            }
            return sum;
        }

        @Override
        String shown(double fit) {
            return Numbers.significant(fit);
        }
    };

    private final String key;
    private final String heading;

    Scoring(String key, String heading) {
        this.key = key;
        this.heading = heading;
    }

    /** What the fit is called in files. */
    String key() {
        return key;
    }

    /** What the fit is called at the head of a column. */
    String heading() {
        return heading;
    }

    /** The loss of the example whose outputs begin at an index. */
    abstract double loss(double[] logits, double[] targets, int from, int count);

    /** The fit of that example. */
    abstract double fit(double[] logits, double[] targets, int from, int count);

    /** A fit for people. */
    abstract String shown(double fit);

    private static int largest(double[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }

    private static double logSumExp(double[] values, int from, int count) {
        double largest = values[from + largest(values, from, count)];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(values[from + i] - largest);
        }
        return largest + Math.log(sum);
    }
}
