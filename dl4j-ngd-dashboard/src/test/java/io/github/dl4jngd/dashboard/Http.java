package io.github.dl4jngd.dashboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Requests as they go over the wire: a client of Java's own would not let a test say anything for its Host. */
final class Http {

    private static final int LONGEST = 20_000;

    private Http() {}

    /** What came back. */
    record Answer(int status, Map<String, String> headers, String body) {

        JsonNode json() {
            try {
                return new ObjectMapper().readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(body, e);
            }
        }
    }

    /** Asks for a path as a browser does. */
    static Answer get(URI server, String path) throws IOException {
        return send(server, "GET " + path + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\n");
    }

    /** Sends the lines of a request, each with its end; those that every request has follow. */
    static Answer send(URI server, String lines) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()), LONGEST);
            socket.setSoTimeout(LONGEST);
            socket.getOutputStream().write((lines + "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return parse(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static Answer parse(String text) {
        int end = text.indexOf("\r\n\r\n");
        String[] head = text.substring(0, end).split("\r\n", -1);
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 1; i < head.length; i++) {
            int colon = head[i].indexOf(':');
            headers.put(
                    head[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    head[i].substring(colon + 1).strip());
        }
        return new Answer(Integer.parseInt(head[0].substring(9, 12)), headers, text.substring(end + 4));
    }
}
