package io.github.dl4jngd.examples.spectrum;

import io.github.dl4jngd.examples.meanfield.Normalization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.MetricConvention;
import io.github.dl4jngd.spectral.estimate.FullSpectrum;
import io.github.dl4jngd.spectral.estimate.Lanczos;
import io.github.dl4jngd.spectral.estimate.TopEigenvalues;
import io.github.dl4jngd.spectral.theory.MeanFieldSpectrum;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One random network's spectrum, with H = I.
 *
 * @param top the largest eigenvalues, descending
 * @param spectrum all eigenvalues of the dual matrix, descending; empty where it was not decomposed
 * @param trace tr F
 * @param converged whether the largest eigenvalues are known to the tolerance
 * @param theory what mean-field theory predicts for the network without normalisation
 */
record Measurement(
        int width,
        int samples,
        Normalization normalization,
        long seed,
        List<Double> top,
        List<Double> spectrum,
        double trace,
        boolean converged,
        MeanFieldSpectrum theory) {

    /** Up to this size the dual matrix is decomposed; above, the Lanczos process is faster. */
    private static final int LARGEST_DUAL = 1200;

    /** Beyond the outliers; by the Lanczos process only the first, because those of the bulk lie close together. */
    private static final int FURTHER = 7;

    private static final double TOLERANCE = 1e-3;
    private static final int PRODUCTS = 150;

    static Measurement of(RandomNetworks networks, int width, int samples, Normalization normalization, long seed) {
        INDArray inputs = networks.inputs(width, samples, seed);
        FisherMatrix fisher = fisher(networks.network(width, normalization, seed), inputs, normalization);
        boolean dual = normalization != Normalization.BATCH_NORM && samples * networks.outputs() <= LARGEST_DUAL;
        int count = networks.outputs() + (dual ? FURTHER : 1);
        List<Double> all = dual ? FullSpectrum.of(fisher).values() : List.of();
        TopEigenvalues found = dual ? null : new Lanczos(count, TOLERANCE, PRODUCTS, 1).estimate(fisher);
        List<Double> top = dual ? all : found.values();
        return new Measurement(
                width,
                samples,
                normalization,
                seed,
                top.subList(0, Math.min(count, top.size())),
                all,
                normalization == Normalization.BATCH_NORM ? Double.NaN : fisher.trace(),
                dual || found.converged(),
                networks.theory(inputs));
    }

    static FisherMatrix fisher(MultiLayerNetwork network, INDArray inputs, Normalization normalization) {
        return FisherMatrix.of(LinearizedNetwork.of(network))
                .data(inputs)
                .convention(MetricConvention.IDENTITY)
                .meanSubtracted(normalization == Normalization.MEAN_SUBTRACTION)
                .build();
    }

    double largest() {
        return top.get(0);
    }

    /** The mean of the C largest, which is what theory predicts. */
    double outliers() {
        int outputs = (int) theory.outputs();
        return top.stream()
                .limit(outputs)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /** λ_{C+1}, the first of the bulk. */
    double next() {
        int outputs = (int) theory.outputs();
        return outputs < top.size() ? top.get(outputs) : Double.NaN;
    }
}
