package io.github.dl4jngd.cli.reference;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.dl4jngd.cli.npz.NpyBytes;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.ejml.simple.SimpleMatrix;

/**
 * A reference file for a tiny tanh network, made from explicit Jacobians and dense matrices without ND4J,
 * Deeplearning4j or this library.
 */
public final class TinyReference {

    private static final int SAMPLES = 5;

    private final Map<String, byte[]> arrays = new LinkedHashMap<>();
    private final Map<String, Object> json = new LinkedHashMap<>();
    private final int[] sizes;
    private final boolean bias;
    private final String loss;
    private final Random random = new Random(7);
    private final List<SimpleMatrix> weights = new ArrayList<>();
    private final List<SimpleMatrix> biases = new ArrayList<>();
    private int parameters;

    /** A network with the given widths and loss, and everything that verify looks at. */
    public TinyReference(String loss, boolean bias, int... sizes) {
        this.loss = loss;
        this.bias = bias;
        this.sizes = sizes;
        SimpleMatrix x = random(SAMPLES, sizes[0]);
        SimpleMatrix y = labels();
        put("x", x);
        put("y", y);
        for (int l = 0; l + 1 < sizes.length; l++) {
            weights.add(random(sizes[l], sizes[l + 1]));
            biases.add(bias ? random(1, sizes[l + 1]) : new SimpleMatrix(1, sizes[l + 1]));
            put("W" + l, weights.get(l));
            if (bias) {
                putVector("b" + l, biases.get(l));
            }
            parameters += (sizes[l] + (bias ? 1 : 0)) * sizes[l + 1];
        }
        json.put("sizes", Arrays.stream(sizes).boxed().toList());
        json.put("activation", "tanh");
        json.put("loss", loss);
        json.put("bias", bias);
        json.put("dampings", List.of(0.1));
        json.put("methods", List.of("exact", "block_diagonal", "unit_wise", "kfac"));
        compute(x, y);
    }

    private int outputs() {
        return sizes[sizes.length - 1];
    }

    private SimpleMatrix random(int rows, int columns) {
        SimpleMatrix matrix = new SimpleMatrix(rows, columns);
        for (int i = 0; i < rows * columns; i++) {
            matrix.set(i, random.nextGaussian());
        }
        return matrix;
    }

    private SimpleMatrix labels() {
        SimpleMatrix y = new SimpleMatrix(SAMPLES, outputs());
        for (int n = 0; n < SAMPLES; n++) {
            switch (loss) {
                case "softmax_cross_entropy" -> y.set(n, random.nextInt(outputs()), 1);
                case "sigmoid_cross_entropy" -> y.set(n, random.nextInt(outputs()), random.nextInt(2));
                default -> y.set(n, 0, random.nextGaussian());
            }
        }
        return y;
    }

    private void compute(SimpleMatrix x, SimpleMatrix y) {
        int c = outputs();
        SimpleMatrix f = new SimpleMatrix(SAMPLES, c);
        SimpleMatrix jacobian = new SimpleMatrix(SAMPLES * c, parameters);
        SimpleMatrix metric = new SimpleMatrix(SAMPLES * c, SAMPLES * c);
        SimpleMatrix residual = new SimpleMatrix(SAMPLES * c, 1);
        List<SimpleMatrix> inputFactors = new ArrayList<>();
        List<SimpleMatrix> outputFactors = new ArrayList<>();
        for (int l = 0; l < weights.size(); l++) {
            inputFactors.add(new SimpleMatrix(sizes[l] + (bias ? 1 : 0), sizes[l] + (bias ? 1 : 0)));
            outputFactors.add(new SimpleMatrix(sizes[l + 1], sizes[l + 1]));
        }
        double total = 0;
        for (int n = 0; n < SAMPLES; n++) {
            List<SimpleMatrix> inputs = new ArrayList<>();
            SimpleMatrix a = x.rows(n, n + 1);
            for (int l = 0; l < weights.size(); l++) {
                inputs.add(a);
                a = a.mult(weights.get(l)).plus(biases.get(l));
                a = l + 1 < weights.size() ? map(a, Math::tanh) : a;
            }
            f.insertIntoThis(n, 0, a);
            SimpleMatrix h = metric(a);
            metric.insertIntoThis(n * c, n * c, h);
            residual.insertIntoThis(n * c, 0, residual(a, y.rows(n, n + 1)).transpose());
            total += loss(a, y.rows(n, n + 1)) / SAMPLES;
            // rows of the Jacobian, layer by layer from the top
            SimpleMatrix delta = SimpleMatrix.identity(c);
            int end = parameters;
            for (int l = weights.size() - 1; l >= 0; l--) {
                SimpleMatrix ones = bias ? inputs.get(l).concatColumns(SimpleMatrix.filled(1, 1, 1)) : inputs.get(l);
                int in = sizes[l];
                int out = sizes[l + 1];
                int begin = end - (in + (bias ? 1 : 0)) * out;
                for (int k = 0; k < c; k++) {
                    for (int u = 0; u < out; u++) {
                        for (int i = 0; i < in; i++) {
                            jacobian.set(
                                    n * c + k,
                                    begin + u * in + i,
                                    delta.get(k, u) * inputs.get(l).get(i));
                        }
                        if (bias) {
                            jacobian.set(n * c + k, begin + in * out + u, delta.get(k, u));
                        }
                    }
                }
                inputFactors.set(
                        l, inputFactors.get(l).plus(ones.transpose().mult(ones).divide(SAMPLES)));
                outputFactors.set(
                        l,
                        outputFactors
                                .get(l)
                                .plus(delta.transpose().mult(h).mult(delta).divide(SAMPLES)));
                end = begin;
                SimpleMatrix slope = map(inputs.get(l), value -> 1 - value * value);
                SimpleMatrix below = delta.mult(weights.get(l).transpose());
                for (int k = 0; k < c; k++) {
                    for (int i = 0; i < in; i++) {
                        below.set(k, i, below.get(k, i) * slope.get(i));
                    }
                }
                delta = below;
            }
        }
        SimpleMatrix gradient = jacobian.transpose().mult(residual).divide(SAMPLES);
        SimpleMatrix fisher = jacobian.transpose().mult(metric).mult(jacobian).divide(SAMPLES);
        put("f", f);
        putVector("gradient", gradient);
        SimpleMatrix tangent = random(parameters, 1);
        putVector("tangent", tangent);
        put("jvp", reshaped(jacobian.mult(tangent)));
        SimpleMatrix cotangent = random(SAMPLES * c, 1);
        put("cotangent", reshaped(cotangent));
        putVector("vjp", jacobian.transpose().mult(cotangent));
        putSpectrum(fisher);
        json.put("loss_value", total);
        double rho = 0.1;
        putVector("ng_exact_0.1", solve(fisher, rho, gradient, (i, j) -> true));
        int[] layer = new int[parameters];
        int[] unit = new int[parameters];
        label(layer, unit);
        putVector("ng_block_diagonal_0.1", solve(fisher, rho, gradient, (i, j) -> layer[i] == layer[j]));
        putVector("ng_unit_wise_0.1", solve(fisher, rho, gradient, (i, j) -> unit[i] == unit[j]));
        putVector("ng_kfac_0.1", kfac(gradient, rho, inputFactors, outputFactors));
    }

    private SimpleMatrix reshaped(SimpleMatrix column) {
        SimpleMatrix matrix = column.copy();
        matrix.reshape(SAMPLES, outputs());
        return matrix;
    }

    private void putSpectrum(SimpleMatrix fisher) {
        double[] values = fisher.eig().getEigenvalues().stream()
                .mapToDouble(value -> -value.getReal())
                .sorted()
                .limit(4)
                .map(value -> -value)
                .toArray();
        putVector("fisher_eigenvalues", new SimpleMatrix(4, 1, true, values));
        putVector("fisher_trace", new SimpleMatrix(1, 1, true, new double[] {fisher.trace()}));
        json.put("lambda_max", values[0]);
        json.put("trace", fisher.trace());
    }

    /** To which layer and which unit a parameter belongs. */
    private void label(int[] layer, int[] unit) {
        int at = 0;
        int units = 0;
        for (int l = 0; l < weights.size(); l++) {
            int in = sizes[l];
            int out = sizes[l + 1];
            for (int i = 0; i < (in + (bias ? 1 : 0)) * out; i++, at++) {
                layer[at] = l;
                unit[at] = units + (i < in * out ? i / in : i - in * out);
            }
            units += out;
        }
    }

    private interface Mask {
        boolean keeps(int row, int column);
    }

    private static SimpleMatrix solve(SimpleMatrix fisher, double rho, SimpleMatrix gradient, Mask mask) {
        SimpleMatrix matrix = fisher.copy();
        for (int i = 0; i < matrix.getNumRows(); i++) {
            for (int j = 0; j < matrix.getNumCols(); j++) {
                double value = mask.keeps(i, j) ? matrix.get(i, j) : 0;
                matrix.set(i, j, value + (i == j ? rho : 0));
            }
        }
        return matrix.solve(gradient);
    }

    private SimpleMatrix kfac(
            SimpleMatrix gradient, double rho, List<SimpleMatrix> inputFactors, List<SimpleMatrix> outputFactors) {
        SimpleMatrix result = new SimpleMatrix(parameters, 1);
        int begin = 0;
        for (int l = 0; l < weights.size(); l++) {
            int in = sizes[l];
            int out = sizes[l + 1];
            SimpleMatrix a = inputFactors.get(l);
            SimpleMatrix g = outputFactors.get(l);
            double pi = Math.sqrt(a.trace() / a.getNumRows() / (g.trace() / g.getNumRows()));
            SimpleMatrix matrix = new SimpleMatrix(a.getNumRows(), out);
            for (int u = 0; u < out; u++) {
                for (int i = 0; i < in; i++) {
                    matrix.set(i, u, gradient.get(begin + u * in + i));
                }
                if (bias) {
                    matrix.set(in, u, gradient.get(begin + in * out + u));
                }
            }
            SimpleMatrix v = damped(a, pi * Math.sqrt(rho))
                    .solve(matrix)
                    .mult(damped(g, Math.sqrt(rho) / pi).invert());
            for (int u = 0; u < out; u++) {
                for (int i = 0; i < in; i++) {
                    result.set(begin + u * in + i, v.get(i, u));
                }
                if (bias) {
                    result.set(begin + in * out + u, v.get(in, u));
                }
            }
            begin += a.getNumRows() * out;
        }
        return result;
    }

    private static SimpleMatrix damped(SimpleMatrix matrix, double damping) {
        return matrix.plus(SimpleMatrix.identity(matrix.getNumRows()).scale(damping));
    }

    private static SimpleMatrix map(SimpleMatrix matrix, java.util.function.DoubleUnaryOperator function) {
        SimpleMatrix result = matrix.copy();
        for (int i = 0; i < result.getNumElements(); i++) {
            result.set(i, function.applyAsDouble(matrix.get(i)));
        }
        return result;
    }

    private SimpleMatrix probabilities(SimpleMatrix f) {
        if (loss.equals("sigmoid_cross_entropy")) {
            return map(f, value -> 1 / (1 + Math.exp(-value)));
        }
        SimpleMatrix exponentials = map(f, Math::exp);
        return exponentials.divide(exponentials.elementSum());
    }

    private SimpleMatrix metric(SimpleMatrix f) {
        int c = outputs();
        SimpleMatrix p = probabilities(f);
        return switch (loss) {
            case "half_squared_error" -> SimpleMatrix.identity(c);
            case "mse" -> SimpleMatrix.identity(c).scale(2.0 / c);
            case "softmax_cross_entropy" ->
                SimpleMatrix.diag(p.getDDRM().getData()).minus(p.transpose().mult(p));
            default ->
                SimpleMatrix.diag(map(p, value -> value * (1 - value)).getDDRM().getData());
        };
    }

    private SimpleMatrix residual(SimpleMatrix f, SimpleMatrix y) {
        return switch (loss) {
            case "half_squared_error" -> f.minus(y);
            case "mse" -> f.minus(y).scale(2.0 / outputs());
            default -> probabilities(f).minus(y);
        };
    }

    private double loss(SimpleMatrix f, SimpleMatrix y) {
        SimpleMatrix p = probabilities(f);
        return switch (loss) {
            case "half_squared_error" -> 0.5 * Math.pow(f.minus(y).normF(), 2);
            case "mse" -> Math.pow(f.minus(y).normF(), 2) / outputs();
            case "softmax_cross_entropy" -> -y.dot(map(p, Math::log));
            default -> -y.dot(map(p, Math::log)) - map(y, t -> 1 - t).dot(map(p, t -> Math.log(1 - t)));
        };
    }

    /** Adds or replaces a matrix. */
    public TinyReference put(String name, SimpleMatrix matrix) {
        arrays.put(name + ".npy", npy(matrix, "(" + matrix.getNumRows() + ", " + matrix.getNumCols() + ")"));
        return this;
    }

    private void putVector(String name, SimpleMatrix matrix) {
        arrays.put(name + ".npy", npy(matrix, "(" + matrix.getNumElements() + ",)"));
    }

    private static byte[] npy(SimpleMatrix matrix, String shape) {
        return NpyBytes.npy(
                "<f8",
                false,
                shape,
                NpyBytes.doubles(
                        ByteOrder.LITTLE_ENDIAN, Arrays.copyOf(matrix.getDDRM().getData(), matrix.getNumElements())));
    }

    /** Leaves an array out. */
    public TinyReference without(String name) {
        arrays.remove(name + ".npy");
        return this;
    }

    /** Changes the JSON; null leaves a key out. */
    public TinyReference with(String key, Object value) {
        if (value == null) {
            json.remove(key);
        } else {
            json.put(key, value);
        }
        return this;
    }

    /** Writes name.npz and name.json. */
    public Path write(Path directory, String name) throws IOException {
        new ObjectMapper().writeValue(directory.resolve(name + ".json").toFile(), json);
        return Files.write(directory.resolve(name + ".npz"), NpyBytes.zip(true, arrays));
    }

    @Override
    public String toString() {
        return loss + " " + Arrays.stream(sizes).mapToObj(String::valueOf).collect(Collectors.joining("-"));
    }
}
