package io.github.dl4jngd.examples.train;

import io.github.dl4jngd.examples.report.Numbers;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a line for every epoch, and on a terminal a progress bar while the epoch lasts. */
final class ConsoleProgress implements TrainingObserver, AutoCloseable {

    /** Set by the launcher script: Java itself cannot ask about standard error alone. */
    private static final String TERMINAL_PROPERTY = "ngd.terminal";

    private static final int REFRESH_MILLISECONDS = 200;

    private final PrintWriter lines;
    private final boolean terminal;
    private ProgressBar bar;
    private String fit = "";

    ConsoleProgress(PrintWriter lines, boolean terminal) {
        this.lines = lines;
        this.terminal = terminal;
    }

    /** Whether standard error is a terminal, as the launcher script says. */
    static boolean onTerminal() {
        return Boolean.getBoolean(TERMINAL_PROPERTY);
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
    public void epochStarts(TrainingPlan plan, int epoch) {
        if (terminal) {
            bar = bar(plan, epoch);
        }
    }

    private static ProgressBar bar(TrainingPlan plan, int epoch) {
        PrintStream err = System.err;
        return new ProgressBarBuilder()
                .setTaskName(plan.method().name() + " " + epoch + "/" + plan.epochs())
                .setInitialMax(plan.stepsPerEpoch())
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
                .setConsumer(new ConsoleProgressBarConsumer(err))
                .clearDisplayOnFinish()
                .build();
    }

    @Override
    public void stepDone(double minibatchLoss) {
        if (bar != null) {
            bar.step();
            bar.setExtraMessage(" loss " + Numbers.significant(minibatchLoss) + fit);
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
