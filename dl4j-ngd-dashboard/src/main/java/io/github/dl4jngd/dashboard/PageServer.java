package io.github.dl4jngd.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.dl4jngd.dashboard.internal.Answer;
import io.github.dl4jngd.dashboard.internal.Page;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page and its readings to this machine alone.
 *
 * <p>It listens at 127.0.0.1, and answers only requests whose {@code Host} says so: a page of another origin that has
 * its name resolve to this machine (DNS rebinding) gets nothing. It knows the paths of the {@link Page} and the method
 * GET. All its threads are daemons.
 */
final class PageServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PageServer.class);

    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final Workers workers = new Workers();
    private final Page page;
    private final Set<String> hosts;

    /**
     * Starts to serve.
     *
     * @param port to listen at; 0 for any that is free
     * @throws BindException when the port is taken
     * @throws IOException when it cannot be listened at
     */
    PageServer(Page page, int port) throws IOException {
        this.page = page;
        InetAddress loopback = InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
        server = HttpServer.create(new InetSocketAddress(loopback, port), BACKLOG);
        hosts = Set.of("127.0.0.1:" + port(), "localhost:" + port());
        server.createContext("/", this::handle);
        server.setExecutor(workers);
        start();
    }

    private int port() {
        return server.getAddress().getPort();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port() + "/");
    }

    /** The server's own thread is a daemon where the one that starts it is. */
    private void start() {
        Thread starter = new Thread(server::start, "dashboard-start");
        starter.setDaemon(true);
        starter.start();
        boolean interrupted = false;
        while (starter.isAlive()) {
            try {
                starter.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            answer(exchange);
        } catch (IOException e) {
            log.trace("A client went away", e);
        } catch (RuntimeException | StackOverflowError e) {
            log.debug("A request failed", e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        Page.rules().forEach(headers::set);
        List<String> host = exchange.getRequestHeaders().get("Host");
        if (host == null || host.size() != 1 || !hosts.contains(host.get(0))) {
            refuse(exchange, 421, "This page is at " + address());
        } else if (!exchange.getRequestMethod().equals("GET")) {
            headers.set("Allow", "GET");
            refuse(exchange, 405, "Only GET is answered");
        } else {
            get(exchange);
        }
    }

    private void get(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        String query = exchange.getRequestURI().getRawQuery();
        Optional<Answer> found =
                path.startsWith("/") ? page.at(path.substring(1), query == null ? "" : query) : Optional.empty();
        if (found.isPresent()) {
            send(exchange, 200, found.get().type(), found.get().bytes());
        } else {
            refuse(exchange, 404, "There is nothing here");
        }
    }

    private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", (why + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean headOnly = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, headOnly ? -1 : bytes.length);
        if (!headOnly) {
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Stops; all connections are cut and all threads end. */
    @Override
    public void close() {
        server.stop(0);
        workers.close();
    }

    /** Starts a server at the first port that is free of several. */
    static PageServer atFirstFree(Page page, int first, int count) throws IOException {
        for (int port = first; port < first + count; port++) {
            try {
                return new PageServer(page, port);
            } catch (BindException e) {
                log.debug("Port {} is taken", port, e);
            }
        }
        throw new BindException("The ports " + first + " to " + (first + count - 1)
                + " of this machine are all taken; end what runs there, or choose another port");
    }
}
