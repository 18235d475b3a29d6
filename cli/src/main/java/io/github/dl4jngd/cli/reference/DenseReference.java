package io.github.dl4jngd.cli.reference;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A reference file about a fully connected network: the network's form, its parameters and its minibatch.
 *
 * @param file the file
 * @param network the form
 * @param parameters θ, [P], per layer W column-major, then b
 * @param input x, [N, in], float64
 * @param labels y, [N, C], float64
 */
public record DenseReference(
        ReferenceFile file, DenseNetwork network, INDArray parameters, INDArray input, INDArray labels)
        implements Reference {

    /**
     * Reads form, parameters and minibatch.
     *
     * @param file the file
     * @param dataType the network's data type
     * @return the reference
     * @throws UnusableFileException if anything is missing, does not fit or is of a kind that is not supported
     */
    public static DenseReference of(ReferenceFile file, DataType dataType) throws UnusableFileException {
        Description description = file.description();
        if (!description.has("sizes") && description.has("width")) {
            throw new UnusableFileException(
                    file.path(),
                    "holds training curves (its JSON has no 'sizes'); try ngd dynamics --reference " + file.path());
        }
        List<Integer> sizes = description.sizes("sizes");
        if (sizes.size() < 2) {
            throw new UnusableFileException(
                    file.path(), "its JSON's 'sizes' has " + sizes.size() + " numbers, expected at least two");
        }
        OutputLoss loss = Reference.loss(file);
        DenseNetwork network = new DenseNetwork(sizes, activation(file), loss, description.truth("bias"), dataType);
        INDArray input = file.array("x", -1, sizes.get(0));
        INDArray labels = file.array("y", input.size(0), network.outputs());
        return new DenseReference(file, network, parameters(file, network), input, labels);
    }

    private static Activation activation(ReferenceFile file) throws UnusableFileException {
        String name = file.description().text("activation").toLowerCase(Locale.ROOT);
        String compact = name.replace("_", "").replace("-", "");
        for (Activation activation : Activation.values()) {
            String own = activation.name().toLowerCase(Locale.ROOT);
            if (own.equals(compact.equals("linear") ? "identity" : compact)) {
                return activation;
            }
        }
        throw new UnusableFileException(file.path(), "the activation '" + name + "' is none of Deeplearning4j's");
    }

    private static INDArray parameters(ReferenceFile file, DenseNetwork network) throws UnusableFileException {
        List<INDArray> parts = new ArrayList<>();
        for (int l = 0; l < network.layers(); l++) {
            long in = network.sizes().get(l);
            long out = network.sizes().get(l + 1);
            parts.add(flatten(file.array("W" + l, in, out)));
            if (network.bias()) {
                parts.add(file.array("b" + l, out));
            }
        }
        return Nd4j.concat(0, parts.toArray(new INDArray[0]));
    }

    @Override
    public OutputLoss loss() {
        return network.loss();
    }

    @Override
    public DataType dataType() {
        return network.dataType();
    }

    @Override
    public int outputs() {
        return network.outputs();
    }

    @Override
    public INDArray vector(String quantity) throws UnusableFileException {
        return file.array(quantity, network.parameters());
    }

    private MultiLayerNetwork model() {
        return network.build(new NoOp(), parameters);
    }

    @Override
    public LinearizedNetwork linearize() {
        return LinearizedNetwork.of(model());
    }

    @Override
    public INDArray backprop() {
        MultiLayerNetwork model = model();
        model.setInput(input.castTo(dataType()));
        model.setLabels(labels.castTo(dataType()));
        model.computeGradientAndScore();
        INDArray sum = model.getFlattenedGradients().dup();
        return sum.reshape(new long[] {sum.length()});
    }

    @Override
    public String toString() {
        return network.toString();
    }

    /**
     * A matrix column by column.
     *
     * @param matrix [in, out]
     * @return [in · out]
     */
    public static INDArray flatten(INDArray matrix) {
        return matrix.transpose().dup('c').reshape('c', new long[] {matrix.length()});
    }
}
