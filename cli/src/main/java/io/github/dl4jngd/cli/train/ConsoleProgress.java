package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Progress;
import java.io.PrintWriter;
import java.util.Locale;

/** Shows a line for every epoch, and on a terminal a progress bar while the epoch lasts. */
final class ConsoleProgress implements TrainingObserver, AutoCloseable {

    private final PrintWriter lines;
    private Progress bar;
    private String fit = "";

    ConsoleProgress(PrintWriter lines) {
        this.lines = lines;
    }

    @Override
    public void attached(String description) {
        if (!description.isEmpty()) {
            lines.println();
            lines.print(description);
            lines.println();
            lines.flush();
        }
    }

    @Override
    public void sharpness(String summary) {
        lines.println(summary);
        lines.flush();
    }

    @Override
    public void epochStarts(TrainingPlan plan, int epoch) {
        bar = Progress.of(plan.method().name() + " " + epoch + "/" + plan.epochs(), plan.stepsPerEpoch());
    }

    @Override
    public void stepDone(double minibatchLoss) {
        if (bar != null) {
            bar.step("loss " + Numbers.significant(minibatchLoss) + fit);
        }
    }

    @Override
    public void measured(TrainingPlan plan, Measurement measurement) {
        fit = "  test " + plan.scoring().shown(measurement.test().fit());
        measurement.train().ifPresent(train -> {
            close();
            lines.println(line(plan, measurement, train));
            lines.flush();
        });
    }

    private static String line(TrainingPlan plan, Measurement measurement, Score train) {
        Score test = measurement.test();
        return String.format(
                Locale.ROOT,
                "%s  %6d steps %8.1f s   train loss %s, %s   test loss %s, %s",
                title(plan, measurement.epoch()),
                measurement.step(),
                measurement.seconds(),
                Numbers.significant(train.loss()),
                plan.scoring().shown(train.fit()),
                Numbers.significant(test.loss()),
                plan.scoring().shown(test.fit()));
    }

    private static String title(TrainingPlan plan, int epoch) {
        return String.format(Locale.ROOT, "%-10s epoch %2d/%d", plan.method().name(), epoch, plan.epochs());
    }

    /** Takes the bar away. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
