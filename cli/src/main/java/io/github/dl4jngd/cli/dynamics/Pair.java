package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.reference.DenseNetwork;
import io.github.dl4jngd.cli.reference.OutputLoss;
import io.github.dl4jngd.datasets.ImageDataSetIterator;
import io.github.dl4jngd.datasets.ImageDataset;
import io.github.dl4jngd.datasets.LabelledImages;
import io.github.dl4jngd.datasets.LoadedDataset;
import io.github.dl4jngd.datasets.Normalization;
import io.github.dl4jngd.datasets.Targets;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;

/** Class 0 against class 1 as a regression onto ±½, images scaled to norm 1. */
final class Pair {

    private static final int TEST_SAMPLES = 200;
    private static final double WEIGHT_VARIANCE = 2;

    private final LoadedDataset loaded;
    private final DataType dataType;

    Pair(LoadedDataset loaded, DataType dataType) {
        this.loaded = loaded;
        this.dataType = dataType;
    }

    /**
     * A random ReLU network without biases, W ~ N(0, 2/M_in), in the NTK parameterisation.
     *
     * @param depth L, the number of layers with parameters
     * @param width of the hidden layers
     * @param samples N
     * @param seed of the network
     */
    Problem problem(int depth, int width, int samples, long seed) {
        DataSet train = data(loaded.train(), samples);
        DataSet test = data(loaded.test(), TEST_SAMPLES);
        List<Integer> sizes = new ArrayList<>(List.of(train.getFeatures().columns()));
        sizes.addAll(Collections.nCopies(depth - 1, width));
        sizes.add(1);
        DenseNetwork network = new DenseNetwork(sizes, Activation.RELU, OutputLoss.SQUARED_ERROR, false, dataType);
        String name = loaded.dataset() == ImageDataset.MNIST
                ? "MNIST"
                : loaded.dataset().displayName();
        return new Problem(
                name + " 0 against 1" + (loaded.synthetic() ? " (synthetic images)" : ""),
                network,
                network.heInitialization(seed),
                Parameterization.ntk(WEIGHT_VARIANCE, 0),
                train.getFeatures(),
                train.getLabels(),
                test.getFeatures(),
                test.getLabels());
    }

    private DataSet data(LabelledImages images, int count) {
        return ImageDataSetIterator.builder(images)
                .classes(0, 1)
                .limit(count)
                .batchSize(count)
                .normalization(Normalization.UNIT_NORM)
                .targets(Targets.PLUS_MINUS_HALF)
                .dataType(dataType)
                .build()
                .all();
    }
}
