package io.github.dl4jngd.cli.spectrum;

import io.github.dl4jngd.cli.meanfield.Initialization;
import io.github.dl4jngd.cli.meanfield.Normalization;
import io.github.dl4jngd.cli.meanfield.RandomNetwork;
import io.github.dl4jngd.spectral.theory.MeanFieldSpectrum;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Random networks whose inputs and hidden layers have one width, at standard normal inputs.
 *
 * @param initialization how they start
 * @param layers L, with the output layer
 * @param outputs C
 */
record RandomNetworks(Initialization initialization, int layers, int outputs) {

    private RandomNetwork of(long width) {
        List<Long> widths = new ArrayList<>(Collections.nCopies(layers, width));
        widths.add((long) outputs);
        return new RandomNetwork(initialization, widths);
    }

    MultiLayerNetwork network(int width, Normalization normalization, long seed) {
        return of(width).build(normalization, new NoOp(), seed);
    }

    /** Standard normal inputs, [samples, width]. */
    INDArray inputs(int width, int samples, long seed) {
        SplittableRandom random = new SplittableRandom(seed).split();
        double[] values = new double[samples * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Nd4j.createFromArray(values).castTo(initialization.dataType()).reshape(samples, width);
    }

    /** What theory says of the network without normalisation. */
    MeanFieldSpectrum theory(INDArray inputs) {
        return of(inputs.size(1)).theory(inputs);
    }

    String description() {
        return layers + " layers, " + initialization + ", " + outputs + (outputs == 1 ? " output" : " outputs");
    }
}
