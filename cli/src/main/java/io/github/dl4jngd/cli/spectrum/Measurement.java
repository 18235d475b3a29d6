package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.meanfield.Normalization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.Spectrum;
import io.github.dl4jngd.spectral.SpectrumMeter;
import io.github.dl4jngd.spectral.estimate.TraceEstimate;
import io.github.dl4jngd.spectral.theory.MeanFieldSpectrum;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One random network's spectrum, with H = I.
 *
 * @param spectrum with the trace, but for batch normalisation, where it would cost a backward pass for every sample
 * @param theory what mean-field theory predicts for the network without normalisation
 */
record Measurement(
        int width, int samples, Normalization normalization, long seed, Spectrum spectrum, MeanFieldSpectrum theory) {

    /** How many eigenvalues are shown beyond the outliers. */
    private static final int FURTHER = 7;

    static Measurement of(RandomNetworks networks, int width, int samples, Normalization normalization, long seed) {
        INDArray inputs = networks.inputs(width, samples, seed);
        FisherMatrix fisher = fisher(networks.network(width, normalization, seed), inputs, normalization);
        SpectrumMeter.Builder meter = Eigenvalues.meter(networks.outputs() + 1);
        if (normalization != Normalization.BATCH_NORM) {
            meter.trace();
        }
        return new Measurement(
                width, samples, normalization, seed, meter.build().measure(fisher), networks.theory(inputs));
    }

    /** Measures a network again, with the density of its eigenvalues. */
    static Spectrum withDensity(FisherMatrix fisher, int outputs) {
        return Eigenvalues.meterWithDensity(outputs + 1).build().measure(fisher);
    }

    static FisherMatrix fisher(MultiLayerNetwork network, INDArray inputs, Normalization normalization) {
        return FisherMatrix.of(LinearizedNetwork.of(network))
                .data(inputs)
                .convention(MetricConvention.IDENTITY)
                .meanSubtracted(normalization == Normalization.MEAN_SUBTRACTION)
                .build();
    }

    /** The outliers and some more. */
    List<Double> top() {
        List<Double> all = spectrum.eigenvalues().values();
        return all.subList(0, (int) Math.min(all.size(), theory.outputs() + FURTHER));
    }

    double largest() {
        return spectrum.lambdaMax();
    }

    /** tr F; NaN where it was not measured. */
    double trace() {
        return spectrum.trace().map(TraceEstimate::value).orElse(Double.NaN);
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
