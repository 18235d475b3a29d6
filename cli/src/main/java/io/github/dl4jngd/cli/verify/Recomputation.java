package io.github.dl4jngd.cli.verify;

import io.github.dl4jngd.cli.reference.Description;
import io.github.dl4jngd.cli.reference.Reference;
import io.github.dl4jngd.cli.reference.ReferenceFile;
import io.github.dl4jngd.cli.reference.UnusableFileException;
import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import io.github.dl4jngd.fisher.curvature.ExactFisher;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Recomputes what a reference file holds. Everything is read and checked before anything is computed.
 *
 * <p>{@code verify} takes the loss as the file defines it, which for the half squared error is half of what the
 * Deeplearning4j model scores; the gradient is also taken from Deeplearning4j itself, times that factor.
 */
final class Recomputation {

    private static final List<String> PARAMETER_VECTORS = List.of("gradient", "tangent", "vjp");
    private static final List<String> OUTPUT_ARRAYS = List.of("f", "jvp", "cotangent");
    private static final List<String> JSON_NUMBERS = List.of("lambda_max", "trace");
    private static final String LOSS_VALUE = "loss_value";

    private final LinearAlgebra linearAlgebra;
    private final Reference reference;
    private final double tolerance;
    private final long seed;
    private final Map<String, INDArray> arrays = new LinkedHashMap<>();
    private final Map<String, Double> numbers = new LinkedHashMap<>();
    private final List<StoredDirection> directions;
    private final List<Check> checks = new ArrayList<>();
    private String estimates = "";

    Recomputation(ReferenceFile file, DataType dataType, LinearAlgebra linearAlgebra, double tolerance, long seed)
            throws UnusableFileException {
        this.linearAlgebra = linearAlgebra;
        this.tolerance = tolerance;
        this.seed = seed;
        this.reference = Reference.of(file, dataType);
        for (String key : PARAMETER_VECTORS) {
            arrays.put(key, reference.vector(key));
        }
        for (String key : OUTPUT_ARRAYS) {
            arrays.put(key, file.array(key, reference.input().size(0), reference.outputs()));
        }
        arrays.put("fisher_eigenvalues", file.array("fisher_eigenvalues", -1));
        arrays.put("fisher_trace", file.array("fisher_trace", 1));
        Description description = file.description();
        for (String key : JSON_NUMBERS) {
            numbers.put(key, description.number(key));
        }
        if (description.has(LOSS_VALUE) || !description.has("network")) {
            numbers.put(LOSS_VALUE, description.number(LOSS_VALUE));
        }
        this.directions = StoredDirection.in(file);
        for (StoredDirection direction : directions) {
            arrays.put(direction.key(), reference.vector(direction.key()));
        }
    }

    /** The network and its minibatch, for people. */
    String description() {
        return reference + ", " + reference.input().size(0) + " samples";
    }

    /** How the estimates of the spectrum went, for people. */
    String estimates() {
        return estimates;
    }

    List<Check> run() throws UnusableFileException {
        try {
            compute();
        } catch (UnsupportedModelException e) {
            throw new UnusableFileException(reference.file().path(), e.getMessage(), e);
        }
        return List.copyOf(checks);
    }

    private void compute() throws UnusableFileException {
        DataType dataType = reference.dataType();
        LinearizedNetwork network = reference.linearize();
        INDArray x = reference.input().castTo(dataType);
        INDArray y = reference.labels().castTo(dataType);
        checkLabels(y);
        Linearization at = network.at(x);
        OutputMetric metric = reference.loss().model(reference.outputs()).at(at.outputs());
        FisherRoot root = at.fisherRoot(
                OutputRoot.of(FisherType.TRUE, metric, y, 1, null), RootOptions.factored(Parameterization.standard()));

        check("f", at.outputs());
        if (numbers.containsKey(LOSS_VALUE)) {
            check(LOSS_VALUE, metric.meanLoss(y));
        }
        check("gradient", root.gradient());
        INDArray backprop = reference.backprop().muli(reference.loss().factor() / at.samples());
        checks.add(Check.of("gradient (Deeplearning4j)", backprop, arrays.get("gradient"), tolerance));
        check("jvp", at.jvp(arrays.get("tangent").castTo(dataType)));
        check("vjp", at.vjp(arrays.get("cotangent").castTo(dataType)));
        spectrum(root, network, x);
        for (StoredDirection direction : directions) {
            try (FisherApproximation approximation = direction.approximation(linearAlgebra)) {
                approximation.observe(root);
                Direction v = approximation.naturalGradient(Damping.absolute(direction.damping()));
                check(direction.key(), v.vector());
            }
        }
    }

    private void checkLabels(INDArray labels) throws UnusableFileException {
        try {
            reference.loss().model(reference.outputs()).checkLabels(labels);
        } catch (IllegalArgumentException e) {
            throw new UnusableFileException(reference.file().path(), "array 'y': " + e.getMessage(), e);
        }
    }

    private void spectrum(FisherRoot root, LinearizedNetwork network, INDArray input) {
        ExactFisher exact = new ExactFisher(linearAlgebra);
        exact.observe(root);
        double[] ascending =
                linearAlgebra.symmetricEigen(exact.gram()).values().dup().data().asDouble();
        double[] largest =
                new double[Math.toIntExact(arrays.get("fisher_eigenvalues").length())];
        for (int i = 0; i < Math.min(largest.length, ascending.length); i++) {
            largest[i] = ascending[ascending.length - 1 - i];
        }
        double trace = Nd4j.diag(exact.gram()).sumNumber().doubleValue();
        check("fisher_eigenvalues", Nd4j.createFromArray(largest));
        check("fisher_trace", Nd4j.createFromArray(new double[] {trace}));
        check("trace", trace);
        check("lambda_max", largest[0]);
        Estimates estimates = new Estimates(network, input, reference.loss(), tolerance, seed);
        double effectiveDimension = DoubleStream.of(ascending)
                .map(value -> Estimates.saturated(value, largest[0]))
                .sum();
        checks.addAll(estimates.run(
                arrays.get("fisher_eigenvalues").castTo(DataType.DOUBLE).toDoubleVector(),
                numbers.get("trace"),
                effectiveDimension));
        this.estimates = estimates.description();
    }

    private void check(String key, INDArray value) {
        checks.add(Check.of(key, value, arrays.get(key), tolerance));
    }

    private void check(String key, double value) {
        checks.add(Check.of(key, value, numbers.get(key), tolerance));
    }
}
