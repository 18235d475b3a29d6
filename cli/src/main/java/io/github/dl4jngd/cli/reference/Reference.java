package io.github.dl4jngd.cli.reference;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A reference file with the Deeplearning4j network it belongs to. */
public interface Reference {

    /**
     * Reads form, parameters and minibatch.
     *
     * @param file the file
     * @param dataType the network's data type
     * @return the reference
     * @throws UnusableFileException if anything is missing, does not fit or is of a kind that is not supported
     */
    static Reference of(ReferenceFile file, DataType dataType) throws UnusableFileException {
        return file.description().has("network")
                ? ImageReference.of(file, dataType)
                : DenseReference.of(file, dataType);
    }

    /**
     * The loss of a file.
     *
     * @param file the file
     * @return the loss its JSON names
     * @throws UnusableFileException if it names none that is known
     */
    static OutputLoss loss(ReferenceFile file) throws UnusableFileException {
        String name = file.description().text("loss");
        return OutputLoss.named(name)
                .orElseThrow(() -> new UnusableFileException(
                        file.path(),
                        "the loss '" + name + "' has no counterpart, expected one of " + OutputLoss.names()));
    }

    /**
     * The file that the reference was read from.
     *
     * @return the file
     */
    ReferenceFile file();

    /**
     * The loss of the network.
     *
     * @return the loss as the file defines it
     */
    OutputLoss loss();

    /**
     * The network's type.
     *
     * @return the data type
     */
    DataType dataType();

    /**
     * The number of outputs.
     *
     * @return C
     */
    int outputs();

    /**
     * The minibatch's input.
     *
     * @return x, first axis N, float64
     */
    INDArray input();

    /**
     * The minibatch's labels.
     *
     * @return y, [N, C], float64
     */
    INDArray labels();

    /**
     * A quantity with an entry for each parameter.
     *
     * @param quantity its name, such as "gradient"
     * @return a flat vector in Deeplearning4j's order, [P], float64; zero for running statistics
     * @throws UnusableFileException if it is missing or does not fit
     */
    INDArray vector(String quantity) throws UnusableFileException;

    /**
     * The network, linearised in training mode.
     *
     * @return the compiled Deeplearning4j network
     */
    LinearizedNetwork linearize();

    /**
     * Deeplearning4j's own gradient, summed over the minibatch and of the loss as it scores it.
     *
     * @return a flat vector, [P]; zero for running statistics
     */
    INDArray backprop();
}
