package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.meanfield.Normalization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.theory.MeanFieldSpectrum;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One random network's spectrum, with H = I.
 *
 * @param trace tr F; NaN with batch normalisation, where it would cost a backward pass for every sample
 * @param theory what mean-field theory predicts for the network without normalisation
 */
record Measurement(
        int width,
        int samples,
        Normalization normalization,
        long seed,
        Eigenvalues eigenvalues,
        double trace,
        MeanFieldSpectrum theory) {

    /** Beyond the outliers. */
    private static final int FURTHER = 7;

    static Measurement of(RandomNetworks networks, int width, int samples, Normalization normalization, long seed) {
        INDArray inputs = networks.inputs(width, samples, seed);
        FisherMatrix fisher = fisher(networks.network(width, normalization, seed), inputs, normalization);
        boolean coupled = normalization == Normalization.BATCH_NORM;
        int outliers = networks.outputs();
        return new Measurement(
                width,
                samples,
                normalization,
                seed,
                Eigenvalues.of(
                        fisher, coupled ? Long.MAX_VALUE : (long) samples * outliers, outliers + FURTHER, outliers + 1),
                coupled ? Double.NaN : fisher.trace(),
                networks.theory(inputs));
    }

    static FisherMatrix fisher(MultiLayerNetwork network, INDArray inputs, Normalization normalization) {
        return FisherMatrix.of(LinearizedNetwork.of(network))
                .data(inputs)
                .convention(MetricConvention.IDENTITY)
                .meanSubtracted(normalization == Normalization.MEAN_SUBTRACTION)
                .build();
    }

    List<Double> top() {
        return eigenvalues.top();
    }

    double largest() {
        return eigenvalues.largest();
    }

    /** The mean of the C largest, which is what theory predicts. */
    double outliers() {
        int outputs = (int) theory.outputs();
        return top().stream()
                .limit(outputs)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /** λ_{C+1}, the first of the bulk. */
    double next() {
        int outputs = (int) theory.outputs();
        return outputs < top().size() ? top().get(outputs) : Double.NaN;
    }
}
