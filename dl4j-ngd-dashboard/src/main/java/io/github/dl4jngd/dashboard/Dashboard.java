package io.github.dl4jngd.dashboard;

import io.github.dl4jngd.dashboard.internal.Page;
import io.github.dl4jngd.dashboard.internal.RunFile;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.listener.IsotropyListener;
import io.github.dl4jngd.spectral.sink.Sink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A page in the browser that shows, while a model trains, whether the learning rate is too large and in which layer.
 *
 * <pre>{@code
 * try (Dashboard dashboard = Dashboard.open()) {          // logs the address, http://127.0.0.1:9120/
 *     net.addListeners(dashboard.listeners("sgd 0.3"));
 *     net.fit(iterator, 3);
 * }
 * }</pre>
 *
 * <p>Runs are files of JSON lines in a folder, and the page shows what is in the folder: runs of this process, runs of
 * others, and those that are over. {@code ngd ui FOLDER} shows it again at any time. Training is bit for bit what it is
 * without the page.
 *
 * <p>The page is served at 127.0.0.1 alone, to this machine. From another, go through
 * {@code ssh -L 9120:127.0.0.1:9120 HOST}, with the same port at both ends. It needs nothing from the network. All its
 * threads are daemons, which keep no program running. Safe for several threads.
 */
public final class Dashboard implements AutoCloseable {

    /** The first port that is tried. */
    public static final int DEFAULT_PORT = 9120;

    /** How many ports are tried from the first on. */
    private static final int PORTS = 20;

    /** Iterations between readings of a natural gradient's steps. */
    private static final int STEPS_EVERY = 10;

    private static final Logger log = LoggerFactory.getLogger(Dashboard.class);

    private final Path folder;
    private final PageServer server;
    private final Map<String, RunFile> runs = new HashMap<>();
    private final List<AutoCloseable> listeners = new ArrayList<>();
    private boolean closed;

    private Dashboard(Path folder, PageServer server) {
        this.folder = folder;
        this.server = server;
        log.info("The page is at {} and shows the runs in {}", server.address(), this.folder);
    }

    /**
     * Opens the page on a new folder for temporary files, which stays.
     *
     * @return the page, at port {@value #DEFAULT_PORT} or the next that is free
     * @throws UncheckedIOException when no port is free, or the folder cannot be made
     */
    public static Dashboard open() {
        try {
            return open(Files.createTempDirectory("ngd-runs-"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a folder for runs: " + e.getMessage(), e);
        }
    }

    /**
     * Opens the page on a folder.
     *
     * @param folder where runs are and where new ones go; made where it is missing
     * @return the page, at port {@value #DEFAULT_PORT} or the next that is free
     * @throws UncheckedIOException when no port is free, or the folder cannot be made or read
     */
    public static Dashboard open(Path folder) {
        return open(folder, page -> PageServer.atFirstFree(page, DEFAULT_PORT, PORTS));
    }

    /**
     * Opens the page on a folder, at a port of one's own.
     *
     * @param folder where runs are and where new ones go; made where it is missing
     * @param port from 1 to 65535, or 0 for any that is free
     * @return the page
     * @throws UncheckedIOException when the port is taken, or the folder cannot be made or read
     * @throws IllegalArgumentException when there is no such port
     */
    public static Dashboard open(Path folder, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("A port is between 0 and 65535, got " + port);
        }
        return open(folder, page -> {
            try {
                return new PageServer(page, port);
            } catch (BindException e) {
                throw new IOException(
                        "port " + port + " of this machine is taken or not allowed; choose another, or 0 for any", e);
            }
        });
    }

    /** Starts a server. */
    private interface Start {
        PageServer on(Page page) throws IOException;
    }

    private static Dashboard open(Path folder, Start start) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
            }
            return new Dashboard(folder.toRealPath(), start.on(Page.of(folder)));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open the page: " + e.getMessage(), e);
        }
    }

    /**
     * Where the page is.
     *
     * @return such as http://127.0.0.1:9120/
     */
    public URI address() {
        return server.address();
    }

    /**
     * Where the runs are.
     *
     * @return the folder
     */
    public Path folder() {
        return folder;
    }

    /**
     * Listeners for a model whose readings are a run of the page: λ_max and each layer's, beside the rate, every
     * {@value FisherSpectrumListener#DEFAULT_EVERY} iterations; and the steps of a natural gradient where there is one.
     * They are closed with the page.
     *
     * @param name what the page calls the run; any text
     * @return for {@code addListeners}
     * @throws UncheckedIOException when the run's file cannot be written
     */
    public TrainingListener[] listeners(String name) {
        FisherSpectrumListener spectrum =
                FisherSpectrumListener.builder().perLayer().sink(run(name)).build();
        StepsIfAny steps = new StepsIfAny(
                IsotropyListener.builder().every(STEPS_EVERY).sink(run(name)).build());
        synchronized (this) {
            listeners.add(spectrum);
            listeners.add(steps);
        }
        return new TrainingListener[] {spectrum, steps};
    }

    /**
     * A sink whose readings are a run of the page, for listeners of one's own making. Sinks of one name are one run
     * until all of them are closed. A run that is there from before stays: the new one then has a number behind its
     * name.
     *
     * @param name what the page calls the run; any text
     * @return for {@code sink(…)} of a listener's builder
     * @throws UncheckedIOException when the run's file cannot be written
     */
    public synchronized Sink run(String name) {
        Objects.requireNonNull(name, "name");
        if (closed) {
            throw new IllegalStateException("The page is closed");
        }
        RunFile run = runs.get(name);
        if (run == null || run.closed()) {
            try {
                run = RunFile.create(folder, name);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot write a run into " + folder + ": " + e.getMessage(), e);
            }
            runs.put(name, run);
        }
        return run.sink();
    }

    /** Closes listeners and runs, ends the server and its threads. The folder stays. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        listeners.forEach(listener -> quietly(listener, "listener"));
        runs.values().forEach(run -> quietly(run::close, "run"));
        server.close();
    }

    private static void quietly(AutoCloseable what, String called) {
        try {
            what.close();
        } catch (Exception e) {
            log.warn("A {} of the page could not be closed", called, e);
        }
    }
}
