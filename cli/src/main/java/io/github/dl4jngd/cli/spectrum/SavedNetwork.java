package io.github.dl4jngd.cli.spectrum;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What {@code ModelSerializer} writes of a network that is needed to use it: configuration and parameters. They are
 * read here and not by the serializer, which would also make an object of any class of what a file calls a
 * preprocessor, and hand damaged shapes to native code, which ends the process.
 */
final class SavedNetwork {

    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";

    private final Path file;
    private String configuration;
    private INDArray parameters;

    private SavedNetwork(Path file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @return a {@code MultiLayerNetwork} or a {@code ComputationGraph}
     * @throws IOException if it cannot be read or holds neither
     */
    static Model read(Path file) throws IOException {
        SavedNetwork network = new SavedNetwork(file);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            network.readEntries(new ZipInputStream(in));
        } catch (ZipException | EOFException | IllegalArgumentException e) { // the last for names that are no UTF-8
            throw new IOException(file + " is no sound zip file as ModelSerializer writes them: " + e.getMessage(), e);
        }
        return network.build();
    }

    private void readEntries(ZipInputStream zip) throws IOException {
        ZipEntry entry = zip.getNextEntry();
        if (entry == null) {
            throw new ZipException("it begins otherwise");
        }
        for (; entry != null; entry = zip.getNextEntry()) {
            switch (entry.getName()) {
                case CONFIGURATION -> configuration = new String(zip.readAllBytes(), StandardCharsets.UTF_8);
                case COEFFICIENTS -> parameters = coefficients(zip.readAllBytes());
                default -> {} // the updater's state and the like
            }
        }
    }

    private INDArray coefficients(byte[] bytes) throws IOException {
        try {
            return Coefficients.decode(bytes);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + COEFFICIENTS + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Model build() throws IOException {
        if (configuration == null || parameters == null) {
            throw new IOException(file + " holds no network of Deeplearning4j's: it has no "
                    + (configuration == null ? CONFIGURATION : COEFFICIENTS));
        }
        try {
            boolean graph = new ObjectMapper().readTree(configuration).has("vertices");
            return graph ? graph() : layers();
        } catch (JsonProcessingException e) {
            throw new IOException(file + ": " + CONFIGURATION + " cannot be read: " + e.getOriginalMessage(), e);
        } catch (RuntimeException e) { // Deeplearning4j meets damage with exceptions of many kinds
            throw new IOException(file + " cannot be read as a network: " + e.getMessage(), e);
        }
    }

    private Model graph() {
        ComputationGraph graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration));
        graph.init(parameters, false);
        return graph;
    }

    private Model layers() {
        MultiLayerNetwork network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration));
        network.init(parameters, false);
        return network;
    }
}
