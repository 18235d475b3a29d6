package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What came of training: as a table for people and as maps for JSON. */
final class TrainingSummary {

    private static final double FIRST_GOAL = 0.97;
    private static final double SECOND_GOAL = 0.98;

    private TrainingSummary() {}

    static Table table(List<TrainingRun> runs) {
        Scoring scoring = runs.get(0).plan().scoring();
        boolean classes = scoring == Scoring.CLASSIFICATION;
        List<String> headings = new ArrayList<>(List.of(
                "method",
                "rate",
                "batch",
                "epochs",
                "steps",
                "seconds",
                "ms/step",
                "train loss",
                "train " + scoring.heading(),
                "test loss",
                "test " + scoring.heading()));
        if (classes) {
            headings.addAll(List.of("s to 97 %", "s to 98 %"));
        }
        Table table = new Table(headings.toArray(new String[0]));
        for (TrainingRun run : runs) {
            Measurement last = run.last();
            Score train = last.train().orElseThrow();
            List<Object> cells = new ArrayList<>(List.of(
                    run.plan().method().name() + (run.diverged() ? " (diverged)" : ""),
                    run.plan().learningRate(),
                    run.plan().batchSize(),
                    last.epoch(),
                    last.step(),
                    Numbers.fixed(last.seconds(), 1),
                    Numbers.fixed(1000 * last.seconds() / last.step(), 1),
                    Numbers.significant(train.loss()),
                    scoring.shown(train.fit()),
                    Numbers.significant(last.test().loss()),
                    scoring.shown(last.test().fit())));
            if (classes) {
                cells.addAll(List.of(seconds(run.secondsTo(FIRST_GOAL)), seconds(run.secondsTo(SECOND_GOAL))));
            }
            table.row(cells.toArray());
        }
        return table;
    }

    /** When the other methods reached the training loss that the first one ended with. */
    static List<String> comparison(List<TrainingRun> runs) {
        TrainingRun first = runs.get(0);
        if (first.diverged()) {
            return List.of();
        }
        Measurement goal = first.last();
        double loss = goal.train().orElseThrow().loss();
        String method = first.plan().method().name();
        return runs.stream()
                .skip(1)
                .map(run -> run.firstAt(loss)
                        .map(reached -> String.format(
                                Locale.ROOT,
                                "%s has the training loss that %s ended with (%s) after %d steps for %d, %.1f s for %.1f s.",
                                run.plan().method().name(),
                                method,
                                Numbers.significant(loss),
                                reached.step(),
                                goal.step(),
                                reached.seconds(),
                                goal.seconds()))
                        .orElseGet(() -> run.plan().method().name() + " did not reach the training loss that " + method
                                + " ended with (" + Numbers.significant(loss) + ")."))
                .toList();
    }

    private static String seconds(OptionalDouble seconds) {
        return seconds.isPresent() ? Numbers.fixed(seconds.getAsDouble(), 1) : "-";
    }

    static List<Map<String, Object>> json(List<TrainingRun> runs) {
        return runs.stream().map(TrainingSummary::json).toList();
    }

    private static Map<String, Object> json(TrainingRun run) {
        Measurement last = run.last();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("method", run.plan().method().name());
        values.put("learning_rate", run.plan().learningRate());
        values.put("batch", run.plan().batchSize());
        values.put("training_examples", run.plan().data().train().count());
        values.put("epochs", last.epoch());
        values.put("steps", last.step());
        values.put("seconds", last.seconds());
        values.put("diverged", run.diverged());
        last.train().ifPresent(train -> {
            values.put("train_loss", train.loss());
            values.put("train_" + run.plan().scoring().key(), train.fit());
        });
        values.put("test_loss", last.test().loss());
        values.put("test_" + run.plan().scoring().key(), last.test().fit());
        run.secondsTo(FIRST_GOAL).ifPresent(seconds -> values.put("seconds_to_97_percent", seconds));
        run.secondsTo(SECOND_GOAL).ifPresent(seconds -> values.put("seconds_to_98_percent", seconds));
        return values;
    }
}
