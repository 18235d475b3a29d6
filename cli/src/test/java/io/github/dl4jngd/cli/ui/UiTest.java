package io.github.dl4jngd.cli.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class UiTest {

    private static final Pattern ADDRESS = Pattern.compile("Page: +(http://127\\.0\\.0\\.1:\\d+/)");

    private final StringWriter out = new StringWriter();

    @TempDir
    Path folder;

    @Test
    void showsTheRunsOfAFolderUntilItIsEnded() throws Exception {
        Files.writeString(folder.resolve("sgd.jsonl"), "{\"iteration\":0,\"lambda_max\":20}\n");
        Ui ui = new Ui();
        CompletableFuture<Integer> status =
                CompletableFuture.supplyAsync(() -> commandLine(ui).execute(folder.toString(), "--port", "0"));

        assertThat(get(address() + "api/runs")).contains("\"name\":\"sgd\"");

        ui.end();
        assertThat(status.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString()).contains("Runs in: " + folder.toRealPath());
    }

    private String address() throws InterruptedException {
        for (int i = 0; i < 400; i++) {
            Matcher matcher = ADDRESS.matcher(out.toString());
            if (matcher.find()) {
                return matcher.group(1);
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no address was printed: " + out);
    }

    private static String get(String address) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void saysWhatIsWrongWithAFolderOrAPort() throws IOException {
        assertThat(failure(folder.resolve("gone").toString()))
                .isEqualTo(folder.resolve("gone").toString());
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(failure(file.toString())).isEqualTo(file.toString());
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(failure(folder.toString(), "--port", "" + taken.getLocalPort()))
                    .contains("port " + taken.getLocalPort() + " of this machine is taken");
        }
    }

    private String failure(String... args) {
        StringWriter message = new StringWriter();
        int status = commandLine(new Ui())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    message.append(failure.getMessage());
                    return 1;
                })
                .execute(args);
        assertThat(status).isEqualTo(1);
        return message.toString();
    }

    @Test
    void knowsHowSystemsOpenABrowser() {
        assertThat(Ui.browser("Linux", "a")).isEqualTo(List.of("xdg-open", "a"));
        assertThat(Ui.browser("Mac OS X", "a")).isEqualTo(List.of("open", "a"));
        assertThat(Ui.browser("Windows 11", "a")).last().isEqualTo("a");
    }

    private CommandLine commandLine(Ui ui) {
        return new CommandLine(ui).setOut(new PrintWriter(out, true));
    }
}
