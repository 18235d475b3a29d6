package io.github.dl4jngd.cli.meanfield;

import io.github.dl4jngd.cli.data.Precision;
import java.util.Locale;
import org.nd4j.linalg.activations.Activation;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

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

    @Spec(Target.MIXEE)
    private CommandSpec spec;

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

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "double",
            description = "Precision: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the first network; the others follow. Default: ${DEFAULT-VALUE}.")
    private long seed;

    /** Made by the command line. */
    public InitializationOptions() {}

    /** Checks what picocli cannot. */
    public void check() {
        if (weightVariance != null && !(weightVariance > 0)) {
            throw wrong("--weight-variance", "expected a number above zero, found " + weightVariance);
        }
        if (biasVariance != null && !(biasVariance >= 0)) {
            throw wrong("--bias-variance", "expected a number of at least zero, found " + biasVariance);
        }
        atLeast(1, layers, "--layers");
    }

    /**
     * Refuses small numbers.
     *
     * @param least the smallest that makes sense
     * @param value the number
     * @param option its option
     */
    public void atLeast(int least, int value, String option) {
        if (value < least) {
            throw wrong(option, "expected a number of at least " + least + ", found " + value);
        }
    }

    /**
     * The exception for a wrong value.
     *
     * @param option its option
     * @param message what is wrong
     * @return the error to throw
     */
    public ParameterException wrong(String option, String message) {
        return new ParameterException(spec.commandLine(), "Invalid value for option '" + option + "': " + message);
    }

    /**
     * How networks start.
     *
     * @return variances and activation
     */
    public Initialization initialization() {
        boolean relu = activation == Hidden.RELU;
        double weights = weightVariance != null ? weightVariance : relu ? RELU_WEIGHT_VARIANCE : WEIGHT_VARIANCE;
        double biases = biasVariance != null ? biasVariance : relu ? 0 : BIAS_VARIANCE;
        return new Initialization(activation.activation(), weights, noBias ? 0 : biases, !noBias, precision.dataType());
    }

    /**
     * The number of layers.
     *
     * @return L
     */
    public int layers() {
        return layers;
    }

    /**
     * Of the first network.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }
}
