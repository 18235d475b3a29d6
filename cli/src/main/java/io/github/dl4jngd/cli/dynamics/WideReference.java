package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.reference.DenseNetwork;
import io.github.dl4jngd.cli.reference.DenseReference;
import io.github.dl4jngd.cli.reference.Description;
import io.github.dl4jngd.cli.reference.OutputLoss;
import io.github.dl4jngd.cli.reference.ReferenceFile;
import io.github.dl4jngd.cli.reference.StoredMethod;
import io.github.dl4jngd.cli.reference.UnusableFileException;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Training curves of a wide ReLU network in a reference file: W1, W2, … [out, in] without biases, x, y, xt, yt, and in
 * its JSON [train, test] losses after each step, the learning rates and the damping.
 *
 * @param problem the network and its data
 * @param damping ρ, H = I
 * @param methods what the file holds
 */
record WideReference(Problem problem, double damping, List<Expected> methods) {

    /**
     * One method's curve in the file.
     *
     * @param method the method
     * @param learningRate η
     * @param losses after 0, 1, … steps
     */
    record Expected(Contender method, double learningRate, List<Losses> losses) {}

    static WideReference read(Path npz, DataType dataType) throws UnusableFileException {
        ReferenceFile file = ReferenceFile.read(npz);
        Description description = file.description();
        List<Expected> methods = expected(description);
        double variance = description.number("weight_variance");
        if (!(variance > 0)) {
            throw new UnusableFileException(npz, "expected a positive weight_variance in its JSON, found " + variance);
        }
        double damping = description.number("damping");
        if (!(damping >= 0)) {
            throw new UnusableFileException(npz, "expected a damping of at least 0 in its JSON, found " + damping);
        }
        INDArray x = file.array("x", -1, -1);
        INDArray y = file.array("y", x.size(0), 1);
        INDArray testX = file.array("xt", -1, x.size(1));
        INDArray testY = file.array("yt", testX.size(0), 1);
        List<Integer> sizes = new ArrayList<>(List.of(Math.toIntExact(x.size(1))));
        List<INDArray> parts = new ArrayList<>();
        for (int l = 1; l == 1 || file.names().contains("W" + l); l++) {
            INDArray weights = file.array("W" + l, -1, sizes.get(l - 1));
            sizes.add(Math.toIntExact(weights.size(0)));
            parts.add(DenseReference.flatten(weights.transpose()));
        }
        if (sizes.get(sizes.size() - 1) != 1) {
            throw new UnusableFileException(
                    npz,
                    "array 'W" + (sizes.size() - 1) + "': expected one output, found " + sizes.get(sizes.size() - 1));
        }
        Problem problem = new Problem(
                file.name(),
                new DenseNetwork(sizes, Activation.RELU, OutputLoss.SQUARED_ERROR, false, dataType),
                Nd4j.concat(0, parts.toArray(new INDArray[0])).castTo(dataType),
                Parameterization.ntk(variance, 0),
                x.castTo(dataType),
                y.castTo(dataType),
                testX.castTo(dataType),
                testY.castTo(dataType));
        return new WideReference(problem, damping, methods);
    }

    private static List<Expected> expected(Description description) throws UnusableFileException {
        Description methods = description.object("methods");
        List<Expected> expected = new ArrayList<>();
        for (Contender method : Contender.all()) {
            Optional<String> key = method.natural().flatMap(StoredMethod::of).map(StoredMethod::key);
            if (key.isPresent() && methods.has(key.get())) {
                Description one = methods.object(key.get());
                List<Losses> losses = one.rows("losses", 2).stream()
                        .map(row -> new Losses(row.get(0), row.get(1)))
                        .toList();
                expected.add(new Expected(method, one.number("learning_rate"), losses));
            }
        }
        return expected;
    }

    Optional<Expected> of(Contender method) {
        return methods.stream()
                .filter(expected -> expected.method().equals(method))
                .findFirst();
    }
}
