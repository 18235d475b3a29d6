package io.github.dl4jngd.cli.spark;

import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.DataSet;

/** Machines that sum over samples. */
public interface Cluster extends AutoCloseable {

    /** What to say where there is none. */
    String MISSING =
            "this ngd was built without Apache Spark; build it with Spark by NGD_MAVEN_OPTS=-Pspark in front of the "
                    + "same command, which fetches another 150 MB of libraries once";

    /** Makes clusters; found by {@link ServiceLoader}. */
    interface Provider {

        /**
         * Connects, and asks the machines what they are.
         *
         * @param master as Spark names it, such as local[2] or spark://host:port
         * @param folder where samples are put for all machines; null for a temporary one of this machine
         * @return the cluster
         * @throws IOException if the folder cannot be used
         */
        Cluster connect(String master, Path folder) throws IOException;
    }

    /**
     * What makes clusters.
     *
     * @return empty where the program was built without
     */
    static Optional<Provider> provider() {
        return ServiceLoader.load(Provider.class).findFirst();
    }

    /**
     * What the machines said of themselves.
     *
     * @return several lines
     */
    String description();

    /**
     * Begins to train.
     *
     * @param model on this machine
     * @param configuration of its natural gradient
     * @param data what to learn from
     * @param batchSize about how many samples a step has
     * @param seed of the order
     * @return the training, to be closed at its end
     * @throws IOException if the samples cannot be put where all machines find them
     */
    Training train(Model model, NaturalGradientConfiguration configuration, DataSet data, int batchSize, long seed)
            throws IOException;

    /**
     * A model's Fisher information matrix.
     *
     * @param model on this machine
     * @param data its samples
     * @return the matrix at the model's present parameters
     * @throws IOException if the samples cannot be put where all machines find them
     */
    SymmetricOperator fisher(Model model, DataSet data) throws IOException;

    @Override
    void close();

    /** Training step by step. */
    interface Training extends AutoCloseable {

        /**
         * What is attached to the model.
         *
         * @return the natural gradient
         */
        NaturalGradient attached();

        /** Begins the next epoch. */
        void beginEpoch();

        /**
         * Whether the epoch has another step.
         *
         * @return false at its end
         */
        boolean hasNext();

        /** Makes it. */
        void step();

        @Override
        void close();
    }
}
