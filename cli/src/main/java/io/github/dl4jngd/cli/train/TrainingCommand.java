package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.data.ImageSource;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.cli.spark.Cluster;
import io.github.dl4jngd.dashboard.Dashboard;
import io.github.dl4jngd.datasets.LoadedDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What all commands that train have in common: they load images, build networks that start from the same parameters,
 * train one with each method and write down what came of it.
 */
abstract class TrainingCommand implements Callable<Integer> {

    private final String title;
    private final ImageSource images;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final TrainingOptions options;

    /**
     * A command.
     *
     * @param title what is trained on or what for, in reports
     * @param images where its images come from
     * @param options with the command's own methods and defaults
     */
    TrainingCommand(String title, ImageSource images, TrainingOptions options) {
        this.title = title;
        this.images = images;
        this.options = options;
    }

    /** The command with its methods in the help. */
    static CommandLine commandLine(TrainingCommand command) {
        CommandLine commandLine = new CommandLine(command);
        command.options.registry().addTo(commandLine);
        return commandLine;
    }

    /** Checks the options of this command alone, before anything is loaded. */
    abstract void check();

    /** How the images are handed to the networks. */
    abstract DataForm form();

    /** The networks for the data. */
    abstract NetworkFamily networks(TrainingData data);

    /** What the console says about the networks beside their shape and size. */
    abstract String remarks();

    final TrainingOptions options() {
        return options;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Override
    public final Integer call() throws IOException {
        options.check();
        check();
        ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
        LoadedDataset loaded = images.load(options.data(), options.run().seed());
        TrainingData data = new TrainingData(loaded.train(), loaded.test(), form());
        NetworkFamily networks = networks(data);
        RunDirectory directory = options.run().directory(started);
        out().println("Data:    " + loaded.origin());
        out().println("Network: " + networks.shape() + ", " + networks.parameters() + " parameters, " + remarks());
        out().flush();
        TrainingSession session = new TrainingSession(spec, directory, title, networks, loaded, started);
        Optional<Cluster> cluster = options.cluster();
        try {
            if (options.live()) {
                runLive(session, directory, options.plans(data, cluster));
            } else {
                session.run(options.plans(data, cluster));
            }
        } finally {
            cluster.ifPresent(Cluster::close);
        }
        return spec.exitCodeOnSuccess();
    }

    /** With the page on the folder of the run, which it shows as it shows any other. */
    private void runLive(TrainingSession session, RunDirectory directory, List<TrainingPlan> plans) throws IOException {
        try (Dashboard page = Dashboard.open(directory.path())) {
            out().println("Page:    " + page.address());
            out().flush();
            session.run(plans);
        }
        out().println("The page again: ngd ui " + directory.path());
        out().flush();
    }
}
