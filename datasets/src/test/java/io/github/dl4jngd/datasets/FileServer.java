package io.github.dl4jngd.datasets;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server on loopback with the faults of real ones. */
final class FileServer implements Closeable {

    /** How a path is answered. */
    enum Behaviour {
        /** Serves it, ranges included. */
        SOUND,
        /** Serves it, always from its first byte. */
        WITHOUT_RANGES,
        /** Breaks every answer off after a third of the file. */
        BREAKS_OFF,
        /** Sends a third of the file and nothing more. */
        STALLS,
        /** Answers a range with another one. */
        WRONG_RANGE,
        /** Answers a range with one that begins beyond any number. */
        ABSURD_RANGE,
        FORBIDDEN,
        MISSING
    }

    private static final class Resource {
        private final byte[] bytes;
        private final Behaviour behaviour;

        Resource(byte[] bytes, Behaviour behaviour) {
            this.bytes = bytes;
            this.behaviour = behaviour;
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Resource> resources = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    FileServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Puts a file on the server. */
    URI serve(String path, byte[] bytes, Behaviour behaviour) {
        resources.put("/" + path, new Resource(bytes, behaviour));
        return uri(path);
    }

    URI uri(String path) {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/" + path);
    }

    /** Path and range of each request, in order. */
    List<String> requests() {
        return requests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(range == null ? path : path + " " + range);
        Resource resource = resources.getOrDefault(path, new Resource(new byte[0], Behaviour.MISSING));
        switch (resource.behaviour) {
            case FORBIDDEN -> exchange.sendResponseHeaders(403, -1);
            case MISSING -> exchange.sendResponseHeaders(404, -1);
            default -> send(exchange, resource, range);
        }
        exchange.close();
    }

    private void send(HttpExchange exchange, Resource resource, String range) throws IOException {
        byte[] bytes = resource.bytes;
        int from = 0;
        if (range != null && resource.behaviour != Behaviour.WITHOUT_RANGES) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            if (from >= bytes.length) {
                exchange.getResponseHeaders().add("Content-Range", "bytes */" + bytes.length);
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            String claimed =
                    switch (resource.behaviour) {
                        case WRONG_RANGE -> Integer.toString(from + 1);
                        case ABSURD_RANGE -> "9".repeat(40);
                        default -> Integer.toString(from);
                    };
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes " + claimed + "-" + (bytes.length - 1) + "/" + bytes.length);
            exchange.sendResponseHeaders(206, bytes.length - from);
        } else {
            exchange.sendResponseHeaders(200, bytes.length);
        }
        int to =
                switch (resource.behaviour) {
                    case BREAKS_OFF -> Math.min(bytes.length, from + bytes.length / 3);
                    case STALLS -> Math.max(from, bytes.length / 3);
                    default -> bytes.length;
                };
        exchange.getResponseBody().write(Arrays.copyOfRange(bytes, from, to));
        exchange.getResponseBody().flush();
        if (to < bytes.length) {
            pause(resource.behaviour == Behaviour.STALLS ? 20_000 : 200);
        }
    }

    /** A client that is told of the end too soon throws away what it has not yet read. */
    private static void pause(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
