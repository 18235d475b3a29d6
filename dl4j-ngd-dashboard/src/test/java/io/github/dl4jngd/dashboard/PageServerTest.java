package io.github.dl4jngd.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.dl4jngd.dashboard.internal.Page;
import io.github.dl4jngd.dashboard.internal.Readings;
import io.github.dl4jngd.testing.Pause;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server answers, and to whom: over the wire, as an attacker would ask. */
class PageServerTest {

    @TempDir
    Path parent;

    private Path folder;
    private PageServer server;
    private URI address;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(parent.resolve("secret.jsonl"), "secret\n");
        folder = Files.createDirectory(parent.resolve("runs"));
        Readings.spectrum(0, 0.4).appendTo(folder.resolve("sgd.jsonl"));
        server = new PageServer(Page.of(folder), 0);
        address = server.address();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/dashboard.js", "/charts.js", "/dashboard.css", "/uplot.js", "/uplot.css", "/icon.svg"})
    void servesThePageWithItsRules(String path) throws IOException {
        Http.Answer answer = Http.get(address, path);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isNotEmpty();
        assertRules(answer);
    }

    private static void assertRules(Http.Answer answer) {
        assertThat(answer.headers())
                .containsEntry("x-content-type-options", "nosniff")
                .containsEntry("referrer-policy", "no-referrer")
                .containsEntry("cache-control", "no-store")
                .doesNotContainKey("access-control-allow-origin");
        assertThat(answer.headers().get("content-security-policy"))
                .contains(
                        "default-src 'none'",
                        "script-src 'self'",
                        "style-src 'self'",
                        "frame-ancestors 'none'",
                        "base-uri 'none'")
                .doesNotContain("unsafe");
    }

    /** No part of the page comes from elsewhere, and none is in line. */
    @Test
    void thePageIsWhole() throws IOException {
        String page = Http.get(address, "/").body();

        assertThat(page).doesNotContain("://", "style=", "onclick", "<script>");
        assertThat(page.lines().filter(line -> line.contains("src=") || line.contains("stylesheet")))
                .hasSize(5)
                .allSatisfy(line -> assertThat(line).containsPattern("(src|href)=\"[a-z]+\\.(js|css)\""));
    }

    /** Names reach the page as text alone: nothing in its scripts makes markup of a string. */
    @ParameterizedTest
    @ValueSource(strings = {"/dashboard.js", "/charts.js"})
    void scriptsMakeNoMarkup(String path) throws IOException {
        assertThat(Http.get(address, path).body())
                .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(");
    }

    @Test
    void listensAtTheLoopbackAddressAlone() throws IOException {
        assertThat(address.getHost()).isEqualTo("127.0.0.1");
        List<InetAddress> others = new ArrayList<>();
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            each.inetAddresses()
                    .filter(own -> own instanceof Inet4Address && !own.isLoopbackAddress())
                    .forEach(others::add);
        }
        assumeThat(others).as("addresses of this machine beside the loopback's").isNotEmpty();
        for (InetAddress other : others) {
            try (Socket socket = new Socket()) {
                assertThatThrownBy(() -> socket.connect(new InetSocketAddress(other, address.getPort()), 2_000))
                        .as("%s", other)
                        .isInstanceOf(ConnectException.class);
            }
        }
    }

    @Test
    void answersAsLocalhostToo() throws IOException {
        assertThat(Http.send(address, "GET / HTTP/1.1\r\nHost: localhost:" + address.getPort() + "\r\n")
                        .status())
                .isEqualTo(200);
    }

    /** A page elsewhere whose name was made to mean this machine says its own name. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example:PORT",
                "Host: evil.example",
                "Host: 127.0.0.1",
                "Host: localhost",
                "Host: 127.0.0.1:1",
                "Host: 127.0.0.1:PORT.evil.example",
                "Host: evil.example@127.0.0.1:PORT",
                "Host: [::1]:PORT",
                "Host: 0.0.0.0:PORT",
                "Host: LOCALHOST.:PORT",
                "Host: ",
                "X: y",
                "Host: 127.0.0.1:PORT\r\nHost: evil.example"
            })
    void refusesOtherHosts(String lines) throws IOException {
        for (String path : List.of("/", "/api/runs", "/api/runs/0?after=")) {
            Http.Answer answer = Http.send(
                    address, "GET " + path + " HTTP/1.1\r\n" + lines.replace("PORT", "" + address.getPort()) + "\r\n");

            assertThat(answer.status()).isEqualTo(421);
            assertThat(answer.body()).doesNotContain("sgd", "lambda_max", "<html");
            assertRules(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "PATCH", "get", "FOO"})
    void answersOnlyGet(String method) throws IOException {
        Http.Answer answer = Http.send(
                address,
                method + " /api/runs HTTP/1.1\r\nHost: " + address.getAuthority() + "\r\nContent-Length: 0\r\n");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.headers()).containsEntry("allow", "GET");
        assertThat(answer.body()).doesNotContain("sgd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.jsonl",
                "/../../../../etc/passwd",
                "/..%2fsecret.jsonl",
                "/%2e%2e/secret.jsonl",
                "/%2e%2e%2fsecret.jsonl",
                "/..%5csecret.jsonl",
                "/....//secret.jsonl",
                "//etc/passwd",
                "/sgd.jsonl",
                "/runs/sgd.jsonl",
                "/dashboard.html",
                "/dashboard.js/",
                "/dashboard.js%00.css",
                "/./",
                "/version.properties",
                "/META-INF/MANIFEST.MF",
                "/io/github/dl4jngd/dashboard/Dashboard.class",
                "/api",
                "/api/",
                "/api/runs/",
                "/api/runs/1",
                "/api/runs/-1",
                "/api/runs/00000000000000000000",
                "/api/runs/0/",
                "/api/runs/../runs",
                "/api/runs/sgd.jsonl",
                "/api/runs/..%2f..%2fsecret.jsonl"
            })
    void knowsAFixedMapOfPathsAlone(String path) throws IOException {
        Http.Answer answer = Http.get(address, path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).doesNotContain("secret", "root:");
        assertRules(answer);
    }

    @Test
    void survivesRequestsThatAreNone() throws IOException {
        for (String rubbish :
                List.of("\r\n", "GET\r\n", "GET / HTTP/9.9\r\n", "\0\1\2\r\n", "GET http://[ HTTP/1.1\r\n")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write((rubbish + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            }
        }

        assertThat(Http.get(address, "/api/runs").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "?", "?after=", "?after=x", "?after=1.2.3", "?before=1", "?after=a&after=b", "?after=%00"})
    void givesAllToWhoKnowsNothing(String query) throws IOException {
        Http.Answer answer = Http.get(address, "/api/runs/0" + query);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("reset").asBoolean()).isTrue();
        assertThat(answer.json().at("/series/spectrum/columns/lambda_max/0").asDouble())
                .isEqualTo(20);
    }

    @Test
    void givesWhatIsNewToWhoHasACursor() throws IOException {
        String cursor = Http.get(address, "/api/runs/0").json().path("cursor").asText();
        assertThat(Http.get(address, "/api/runs/0?after=" + cursor).json().path("series"))
                .isEmpty();

        Readings.spectrum(10, 0.7).appendTo(folder.resolve("sgd.jsonl"));
        Http.Answer answer = after(cursor);

        assertThat(answer.json().path("reset").asBoolean()).isFalse();
        assertThat(answer.json().at("/series/spectrum/keep").asInt()).isZero();
        assertThat(answer.json().at("/series/spectrum/columns/iteration"))
                .hasSize(2)
                .last()
                .extracting(node -> node.asInt())
                .isEqualTo(10);
        assertThat(answer.json()
                        .at("/series/spectrum/latest/values/rate_over_boundary")
                        .asDouble())
                .isEqualTo(0.7, offset(1e-6));
    }

    /** A folder is looked at twice a second. */
    private Http.Answer after(String cursor) throws IOException {
        for (int i = 0; i < 100; i++) {
            Http.Answer answer = Http.get(address, "/api/runs/0?after=" + cursor);
            if (!answer.json().path("series").isEmpty()) {
                return answer;
            }
            Pause.briefly();
        }
        throw new AssertionError("nothing new came");
    }
}
