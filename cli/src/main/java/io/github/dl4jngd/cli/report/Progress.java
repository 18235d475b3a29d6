package io.github.dl4jngd.cli.report;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error where that is a terminal; elsewhere nothing. */
public final class Progress implements AutoCloseable {

    /** Set by the launcher script: Java itself cannot ask about standard error alone. */
    private static final String TERMINAL_PROPERTY = "ngd.terminal";

    private static final int REFRESH_MILLISECONDS = 200;

    private final ProgressBar bar;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    private static boolean onTerminal() {
        return Boolean.getBoolean(TERMINAL_PROPERTY);
    }

    /**
     * Shows a bar.
     *
     * @param task what is done
     * @param steps how often {@link #step} will be called
     * @return the bar, to be closed
     */
    public static Progress of(String task, long steps) {
        return onTerminal() ? new Progress(bar(task, steps)) : new Progress(null);
    }

    /** A bar on standard error that vanishes when closed. */
    private static ProgressBar bar(String task, long steps) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .clearDisplayOnFinish()
                .build();
    }

    /** One step is done. */
    public void step() {
        if (bar != null) {
            bar.step();
        }
    }

    /**
     * One step is done.
     *
     * @param message what to show behind the bar
     */
    public void step(String message) {
        if (bar != null) {
            bar.step();
            bar.setExtraMessage(" " + message);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
