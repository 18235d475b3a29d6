package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.spark.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A natural gradient whose sums over samples are a cluster's.
 *
 * @param method the natural gradient
 * @param cluster where the samples are
 * @param data what to learn from
 * @param seed of the order
 */
record ClusterMethod(NaturalGradientMethod method, Cluster cluster, TrainingData data, long seed)
        implements TrainingMethod {

    @Override
    public String name() {
        return method.name();
    }

    @Override
    public String description() {
        return method.description();
    }

    @Override
    public double defaultLearningRate() {
        return method.defaultLearningRate();
    }

    @Override
    public IUpdater updater(double learningRate) {
        return method.updater(learningRate);
    }

    @Override
    public Optional<Limit> limit() {
        return method.limit();
    }

    @Override
    public Attachment attach(TrainingModel network, int batchSize) {
        Cluster.Training training;
        try {
            training = cluster.train(network.model(), method.configuration(), data.whole(), batchSize, seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Attachment() {
            @Override
            public String description() {
                return training.attached().registration().forSamples(batchSize) + "\n" + cluster.description();
            }

            @Override
            public Optional<Steps> steps() {
                return Optional.of(ofCluster(training));
            }

            @Override
            public void close() {
                training.close();
            }
        };
    }

    private static Steps ofCluster(Cluster.Training training) {
        return new Steps() {
            @Override
            public void beginEpoch() {
                training.beginEpoch();
            }

            @Override
            public boolean hasNext() {
                return training.hasNext();
            }

            @Override
            public void step() {
                training.step();
            }
        };
    }
}
