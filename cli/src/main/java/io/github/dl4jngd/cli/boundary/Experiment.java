package io.github.dl4jngd.cli.boundary;

import io.github.dl4jngd.cli.meanfield.Initialization;
import io.github.dl4jngd.cli.meanfield.Normalization;
import io.github.dl4jngd.cli.meanfield.RandomNetwork;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.estimate.LargestEigenvalue;
import io.github.dl4jngd.spectral.estimate.Lobpcg;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Random networks on images with one-hot targets and Deeplearning4j's L2 loss. Every training starts from the same
 * parameters of its width.
 *
 * @param initialization how networks start
 * @param layers L
 * @param seed of the parameters
 * @param probe where λ_max is measured, and the training set of full-batch descent
 */
record Experiment(Initialization initialization, int layers, long seed, DataSet probe) {

    private static final int STEPS = 10;
    private static final double TOLERANCE = 1e-4;
    private static final int PRODUCTS = 2000;
    /** The second derivative of Deeplearning4j's L2, Σ_c (f − y)². */
    private static final double CURVATURE = 2;

    private RandomNetwork network(int width) {
        List<Long> widths = new ArrayList<>(List.of(probe.getFeatures().size(1)));
        widths.addAll(Collections.nCopies(layers - 1, (long) width));
        widths.add(probe.getLabels().size(1));
        return new RandomNetwork(initialization, widths);
    }

    private MultiLayerNetwork start(int width, IUpdater updater) {
        return network(width).build(Normalization.NONE, updater, seed);
    }

    Sharpness sharpness(int width) {
        FisherMatrix fisher = FisherMatrix.of(LinearizedNetwork.of(start(width, new NoOp())))
                .data(probe.getFeatures())
                .build();
        LargestEigenvalue largest = new Lobpcg(TOLERANCE, PRODUCTS, seed).estimate(fisher);
        if (!largest.converged()) {
            throw new IllegalStateException("λ_max at width " + width + " has not converged: " + largest);
        }
        double measured = largest.value();
        double theory = CURVATURE * network(width).theory(probe.getFeatures()).largestEigenvalue();
        return new Sharpness(width, measured, theory);
    }

    /** Ten full-batch steps with η = factor/λ_max. */
    Descent descent(Sharpness sharpness, Descent.Targets targets, double factor) {
        MultiLayerNetwork model = start(sharpness.width(), new Sgd(factor / sharpness.measured()));
        INDArray outputs = model.output(probe.getFeatures());
        INDArray labels = probe.getLabels().sub(outputs).muli(targets.scale()).addi(outputs);
        DataSet data = new DataSet(probe.getFeatures(), labels);
        double before = model.score(data);
        for (int step = 0; step < STEPS; step++) {
            model.fit(data);
        }
        return new Descent(sharpness, targets, factor, before, model.score(data));
    }

    /** An epoch over minibatches. */
    Epoch epoch(Sharpness sharpness, double learningRate, DataSetIterator minibatches) {
        MultiLayerNetwork model = start(sharpness.width(), new Sgd(learningRate));
        double before = model.score(probe);
        minibatches.reset();
        boolean finite = true;
        while (finite && minibatches.hasNext()) {
            model.fit(minibatches.next());
            finite = Double.isFinite(model.score());
        }
        double after = model.score(probe);
        return new Epoch(sharpness, learningRate, before, finite ? after : Double.NaN);
    }
}
