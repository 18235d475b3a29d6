package io.github.dl4jngd.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.testing.Pause;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** Two hundred clients that send no end of their request, or take no answer. */
class SlowClientsTest {

    private static final int CLIENTS = 200;

    @TempDir
    Path folder;

    @Test
    void theyNeitherDisturbTrainingNorKeepOthersOut() throws IOException {
        INDArray without = Training.train(Training.network(new Sgd(0.1)), 100);
        List<Socket> clients = new ArrayList<>();
        List<Thread> before = Training.threads();
        try (Dashboard dashboard = Dashboard.open(folder, 0)) {
            String request =
                    "GET /uplot.js HTTP/1.1\r\nHost: " + dashboard.address().getAuthority() + "\r\n";
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket(
                        InetAddress.getLoopbackAddress(), dashboard.address().getPort());
                clients.add(client);
                client.setReceiveBufferSize(1024);
                String sent = i % 2 == 0 ? request : (request + "\r\n").repeat(20);
                client.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
            }
            MultiLayerNetwork network = Training.network(new Sgd(0.1));
            network.addListeners(dashboard.listeners("sgd"));

            INDArray with = Training.train(network, 100);

            assertThat(with).isEqualTo(without);
            assertThat(Http.get(dashboard.address(), "/").status()).isEqualTo(200);
            assertThat(Http.get(dashboard.address(), "/api/runs/0")
                            .json()
                            .path("readings")
                            .asInt())
                    .isEqualTo(2);
            // their time runs out, and with it their threads
            for (int i = 0; i < 600 && serving(before) > 10; i++) {
                Pause.briefly();
            }
            assertThat(serving(before)).isLessThanOrEqualTo(10);
            assertThat(Http.get(dashboard.address(), "/").status()).isEqualTo(200);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static long serving(List<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("dashboard") && !before.contains(thread))
                .count();
    }
}
