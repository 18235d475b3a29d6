package io.github.dl4jngd.cli.ui;

import io.github.dl4jngd.dashboard.Dashboard;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ngd ui}: the page on a folder of runs, finished ones and running ones of other processes. */
@Command(
        name = "ui",
        sortOptions = false,
        description = {
            "Shows runs in the browser: is the learning rate beyond its boundary, and in which layer?",
            "",
            "A run is a file of JSON lines or a CSV file of a listener, or what ngd train leaves. Runs that are still written",
            "to are followed. The page is on this machine alone, and needs nothing from the network. Ctrl-C ends it.",
            "From another machine: ssh -L 9120:127.0.0.1:9120 HOST, then http://127.0.0.1:9120/ in the browser here; the",
            "port has to be the same at both ends.",
            ""
        },
        footer = {"", "Examples:", "  ngd ui out", "  ngd ui out/mnist-mlp-20261128-080000 --open"})
public final class Ui implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "The folder; its sub-folders are looked into, one level deep.")
    private Path folder;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port of the page, 0 for any that is free. Default: " + Dashboard.DEFAULT_PORT
                    + ", or the next that is free.")
    private Integer port;

    @Option(names = "--open", description = "Opens the page in the browser.")
    private boolean open;

    private final CountDownLatch ended = new CountDownLatch(1);

    /** Made by the command line. */
    public Ui() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (port != null && (port < 0 || port > 65_535)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--port': expected a number from 0 to 65535, found " + port);
        }
        if (Files.notExists(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Dashboard page = port == null ? Dashboard.open(folder) : Dashboard.open(folder, port)) {
            out.println("Page:    " + page.address() + "   (Ctrl-C ends it)");
            out.println("Runs in: " + page.folder());
            out.flush();
            if (open) {
                show(page.address());
            }
            ended.await();
        }
        return spec.exitCodeOnSuccess();
    }

    /** Ends the command, from another thread. */
    void end() {
        ended.countDown();
    }

    /** By the system's own program for addresses; where it has none, the address was printed. */
    private void show(URI address) {
        try {
            new ProcessBuilder(browser(System.getProperty("os.name"), address.toString()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            spec.commandLine().getErr().println("ngd: no browser could be opened; open " + address + " yourself");
            spec.commandLine().getErr().flush();
        }
    }

    /** The command that opens an address. */
    static List<String> browser(String system, String address) {
        String name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            return List.of("rundll32", "url.dll,FileProtocolHandler", address);
        }
        return List.of(name.startsWith("mac") ? "open" : "xdg-open", address);
    }
}
