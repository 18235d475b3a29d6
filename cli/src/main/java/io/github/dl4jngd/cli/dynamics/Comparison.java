package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Table;
import java.util.List;

/** Measured curves beside those of a reference file. */
final class Comparison {

    /** The largest relative deviation that is right, in the first steps. */
    static final double TOLERANCE = 0.01;

    private static final int CHECKED_STEPS = 2;

    private final Table table = new Table(
            "method", "step", "train loss", "in file", "deviation", "test loss", "in file", "deviation", "ok");
    private boolean right = true;

    Comparison(List<Curve> curves, WideReference reference) {
        for (Curve curve : curves) {
            reference.of(curve.plan().method()).ifPresent(expected -> add(curve, expected.losses()));
        }
    }

    private void add(Curve curve, List<Losses> expected) {
        int steps = Math.min(expected.size(), curve.measured().size());
        for (int step = 0; step < steps; step++) {
            Losses measured = curve.measured().get(step);
            double train = deviation(measured.train(), expected.get(step).train());
            double test = deviation(measured.test(), expected.get(step).test());
            boolean ok = Math.abs(train) <= TOLERANCE && Math.abs(test) <= TOLERANCE;
            boolean isChecked = step <= CHECKED_STEPS;
            right &= ok || !isChecked;
            table.row(
                    curve.plan().method(),
                    step,
                    Numbers.significant(measured.train()),
                    Numbers.significant(expected.get(step).train()),
                    percent(train),
                    Numbers.significant(measured.test()),
                    Numbers.significant(expected.get(step).test()),
                    percent(test),
                    isChecked ? ok ? "yes" : "NO" : "-");
        }
    }

    private static double deviation(double value, double reference) {
        return value / reference - 1;
    }

    private static String percent(double fraction) {
        return String.format(java.util.Locale.ROOT, "%.4f %%", 100 * fraction);
    }

    Table table() {
        return table;
    }

    /** Whether the first two steps agree. */
    boolean isRight() {
        return right;
    }
}
