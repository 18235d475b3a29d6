package io.github.dl4jngd.ui;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.ui.VertxUIServer;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Deeplearning4j's UI at a free port, as a test asks it. There is one at a time. */
final class Ui implements AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
    private static final int ATTEMPTS = 200;

    private final VertxUIServer server;

    private Ui(boolean multiSession) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        server = VertxUIServer.getInstance(port, multiSession, null);
    }

    static Ui singleSession() throws IOException {
        return new Ui(false);
    }

    static Ui multiSession() throws IOException {
        return new Ui(true);
    }

    void attach(StatsStorage storage) {
        server.attach(storage);
    }

    void detach(StatsStorage storage) {
        server.detach(storage);
    }

    URI address(String path) {
        return URI.create("http://localhost:" + server.getPort() + path);
    }

    HttpResponse<String> get(String path) throws IOException {
        return send("GET", path);
    }

    HttpResponse<String> send(String method, String path) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(address(path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    JsonNode json(String path) throws IOException {
        return new ObjectMapper().readTree(get(path).body());
    }

    /** What a condition waits for, as the page does: storages are looked at twice a second. */
    interface Condition {
        boolean holds() throws IOException;
    }

    static void await(String what, Condition condition) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (condition.holds()) {
                return;
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new AssertionError("never: " + what);
    }

    @Override
    public void close() {
        try {
            VertxUIServer.stopInstance();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
