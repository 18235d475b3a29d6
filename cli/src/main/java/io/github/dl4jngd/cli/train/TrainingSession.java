package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.options.RunOptions;
import io.github.dl4jngd.cli.report.Json;
import io.github.dl4jngd.cli.report.Provenance;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.spectral.internal.chart.Charts;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** Carries out plans and writes down what came of them: rows as they arise, charts and report after every method. */
final class TrainingSession {

    static final String CHART_FILE = "training.png";
    static final String REPORT_FILE = "run.json";

    private final CommandSpec command;
    private final RunDirectory directory;
    private final String dataset;
    private final NetworkFamily networks;
    private final LoadedDataset loaded;
    private final ZonedDateTime started;
    private final List<TrainingRun> runs = new ArrayList<>();

    TrainingSession(
            CommandSpec command,
            RunDirectory directory,
            String dataset,
            NetworkFamily networks,
            LoadedDataset loaded,
            ZonedDateTime started) {
        this.command = command;
        this.directory = directory;
        this.dataset = dataset;
        this.networks = networks;
        this.loaded = loaded;
        this.started = started;
    }

    void run(List<TrainingPlan> plans) throws IOException {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        partTaken(plans).ifPresent(out::println);
        out.flush();
        writeReport(plans.get(0), "running");
        try (MeasurementLog log = new MeasurementLog(directory, plans.get(0).scoring());
                ConsoleProgress progress = new ConsoleProgress(err)) {
            Trainer trainer = new Trainer(networks, new Recorder(log, progress), directory);
            trainer.warmUp(plans.get(0));
            trainer.saveInitialModel();
            for (TrainingPlan plan : plans) {
                note(plan).ifPresent(err::println);
                runs.add(trainer.train(plan));
                writeChart();
                writeReport(plan, runs.size() < plans.size() ? "running" : "finished");
            }
        }
        out.println();
        out.println(TrainingSummary.table(runs));
        TrainingSummary.comparison(runs).forEach(out::println);
        out.println();
        directory.files().forEach(file -> out.println("Wrote " + file));
        out.flush();
    }

    /** What to say where even the method that takes most of the training images does not take all. */
    private Optional<String> partTaken(List<TrainingPlan> plans) {
        int all = loaded.train().count();
        return plans.stream()
                .map(plan -> plan.data().train().count())
                .max(Comparator.naturalOrder())
                .filter(taken -> taken < all)
                .map(taken -> String.format(
                        Locale.ROOT,
                        "Taken:   the first %,d of the %,d training images; --limit changes that",
                        taken,
                        all));
    }

    /** What to say where a method's own limit takes effect. */
    private Optional<String> note(TrainingPlan plan) {
        return plan.method()
                .limit()
                .filter(limit -> limit.batchSize().orElse(-1) == plan.batchSize()
                        || limit.examples().orElse(-1) == plan.data().train().count())
                .map(limit -> plan.method().name() + ": batch " + plan.batchSize() + ", "
                        + plan.data().train().count() + " examples: " + limit.note());
    }

    private void writeChart() throws IOException {
        String title = dataset + ", " + networks.shape() + (loaded.synthetic() ? " (synthetic images)" : "");
        directory.write(CHART_FILE, out -> Charts.writePng(out, title, 2, TrainingCharts.of(runs)));
    }

    private void writeReport(TrainingPlan plan, String status) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>(Provenance.of(RunOptions.typed(command)));
        report.put("status", status);
        report.put("started", started.toOffsetDateTime().withNano(0).toString());
        report.put(
                "wall_seconds",
                Duration.between(started, ZonedDateTime.now(started.getZone())).toMillis() / 1000.0);
        report.put("seed", plan.seed());
        report.put("network", networks.shape());
        report.put("parameters", networks.parameters());
        report.putAll(networks.details());
        report.put("dtype", plan.data().form().dataType().name());
        report.put("data", loaded.origin());
        report.put("synthetic_data", loaded.synthetic());
        report.put("test_examples", loaded.test().count());
        report.put("results", TrainingSummary.json(runs));
        directory.write(REPORT_FILE, out -> Json.write(out, report));
    }

    /** Shows and logs; the log has the row before the console has the line. */
    private record Recorder(MeasurementLog log, ConsoleProgress progress) implements TrainingObserver {

        @Override
        public void attached(String description) {
            progress.attached(description);
        }

        @Override
        public void sharpness(String summary) {
            progress.sharpness(summary);
        }

        @Override
        public void epochStarts(TrainingPlan plan, int epoch) {
            progress.epochStarts(plan, epoch);
        }

        @Override
        public void stepDone(double minibatchLoss) {
            progress.stepDone(minibatchLoss);
        }

        @Override
        public void measured(TrainingPlan plan, Measurement measurement) throws IOException {
            log.add(measurement);
            progress.measured(plan, measurement);
        }
    }
}
