package io.github.dl4jngd.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Everything that a network computes of a minibatch: outputs of inference and training, gradients, error at the input.
 */
record Results(Map<String, INDArray> arrays) {
    /** Largest relative difference of two float32 computations of the same network, as Euclidean norms. */
    static final double TEST_F32 = 2e-5;

    static Results of(MultiLayerNetwork network, INDArray input, INDArray labels) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("output in inference", network.output(input, false).dup());
        arrays.put("output in training", network.output(input, true).dup());
        // The passes leave things behind in the layers: two gradients, and an inference pass between them.
        for (String pass : new String[] {"first", "second"}) {
            Pair<Gradient, INDArray> gradient = network.calculateGradients(input, labels, null, null);
            if (gradient.getSecond() != null) {
                arrays.put("error at the input, " + pass, gradient.getSecond().dup());
            }
            arrays.put(
                    "gradient of calculateGradients, " + pass,
                    network.getFlattenedGradients().dup());
            arrays.put(
                    "output in inference, after the " + pass,
                    network.output(input, false).dup());
        }
        network.setInput(input);
        network.setLabels(labels);
        network.computeGradientAndScore();
        arrays.put(
                "gradient of computeGradientAndScore",
                network.gradient().gradient().dup());
        return new Results(arrays);
    }

    void assertEqualTo(Results expected) {
        assertThat(arrays.keySet()).isEqualTo(expected.arrays.keySet());
        expected.arrays.forEach((name, array) -> {
            assertThat(arrays.get(name).shape()).as(name).isEqualTo(array.shape());
            assertThat(distance(name, expected))
                    .as("relative difference of the " + name)
                    .isLessThan(TEST_F32);
        });
    }

    double largestDistance(Results expected) {
        return arrays.keySet().stream()
                .mapToDouble(name -> distance(name, expected))
                .max()
                .orElseThrow();
    }

    private double distance(String name, Results expected) {
        INDArray reference = expected.arrays.get(name);
        double norm = reference.norm2Number().doubleValue();
        double difference = arrays.get(name).sub(reference).norm2Number().doubleValue();
        assertThat(norm).as("norm of the built-in layers' " + name).isFinite();
        // Not finite means different.
        return Double.isFinite(difference) ? difference / Math.max(norm, 1e-6) : Double.MAX_VALUE;
    }
}
