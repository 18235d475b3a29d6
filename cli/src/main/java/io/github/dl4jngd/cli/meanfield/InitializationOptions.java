package io.github.dl4jngd.cli.meanfield;

import io.github.dl4jngd.cli.options.RunOptions;
import java.util.Locale;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Option;

/** The options that say how random networks start. */
public final class InitializationOptions {

    private static final double RELU_WEIGHT_VARIANCE = 2;
    private static final double WEIGHT_VARIANCE = 3;
    private static final double BIAS_VARIANCE = 0.64;

    /** Activations that are functions of one number. */
    private enum Hidden {
        TANH,
        RELU,
        SIGMOID,
        SOFTPLUS,
        ELU,
        GELU,
        SWISH,
        IDENTITY;

        Activation activation() {
            return Activation.valueOf(name());
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--activation",
            paramLabel = "NAME",
            defaultValue = "tanh",
            description = "Of the hidden layers: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Hidden activation;

    @Option(
            names = "--weight-variance",
            paramLabel = "V",
            description = "Weights are drawn from N(0, V/inputs). Default: 2 for relu, else 3.")
    private Double weightVariance;

    @Option(
            names = "--bias-variance",
            paramLabel = "V",
            description = "Biases are drawn from N(0, V). Default: 0 for relu, else 0.64.")
    private Double biasVariance;

    @Option(names = "--no-bias", description = "Layers without biases.")
    private boolean noBias;

    @Option(
            names = "--layers",
            paramLabel = "L",
            defaultValue = "3",
            description = "Layers, with the output layer. Default: ${DEFAULT-VALUE}.")
    private int layers;

    /** Made by the command line. */
    public InitializationOptions() {}

    /**
     * Checks what picocli cannot.
     *
     * @param run of the same command
     */
    public void check(RunOptions run) {
        if (weightVariance != null && !(weightVariance > 0)) {
            throw run.wrong("--weight-variance", "expected a number above zero, found " + weightVariance);
        }
        if (biasVariance != null && !(biasVariance >= 0)) {
            throw run.wrong("--bias-variance", "expected a number of at least zero, found " + biasVariance);
        }
        run.atLeast(1, layers, "--layers");
    }

    /**
     * How networks start.
     *
     * @param dataType of the parameters
     * @return variances and activation
     */
    public Initialization initialization(DataType dataType) {
        boolean relu = activation == Hidden.RELU;
        double weights = weightVariance != null ? weightVariance : relu ? RELU_WEIGHT_VARIANCE : WEIGHT_VARIANCE;
        double biases = biasVariance != null ? biasVariance : relu ? 0 : BIAS_VARIANCE;
        return new Initialization(activation.activation(), weights, noBias ? 0 : biases, !noBias, dataType);
    }

    /**
     * The number of layers.
     *
     * @return L
     */
    public int layers() {
        return layers;
    }
}
