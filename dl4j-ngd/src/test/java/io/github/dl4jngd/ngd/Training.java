package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingModelSaver;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A way to train a model on a few minibatches, each once and in their order. */
@FunctionalInterface
interface Training {

    void train(Model model, List<DataSet> batches);

    /**
     * Noise of dropout and of weights is that of the step, so that two models draw the same; a seed of 0 is the time of
     * day.
     */
    Training BATCH_BY_BATCH = (model, batches) -> {
        for (int step = 0; step < batches.size(); step++) {
            Nd4j.getRandom().setSeed(1 + step);
            ((NeuralNetwork) model).fit(batches.get(step));
        }
    };

    Training MULTI_DATA_SETS =
            (model, batches) -> batches.forEach(batch -> ((NeuralNetwork) model).fit(batch.toMultiDataSet()));

    Training ITERATOR = (model, batches) -> ((NeuralNetwork) model).fit(new ExistingDataSetIterator(batches));

    /** An epoch is one minibatch. */
    Training EPOCHS = (model, batches) ->
            batches.forEach(batch -> ((NeuralNetwork) model).fit(new ExistingDataSetIterator(List.of(batch))));

    /**
     * Early stopping after one epoch; the model trained keeps its updater, the best one that DL4J hands out has DL4J's
     * own.
     */
    static Training earlyStopping(
            Supplier<EarlyStoppingModelSaver<MultiLayerNetwork>> saver,
            Supplier<EarlyStoppingModelSaver<ComputationGraph>> graphSaver) {
        return (model, batches) -> {
            ExistingDataSetIterator data = new ExistingDataSetIterator(batches);
            Object best = model instanceof ComputationGraph graph
                    ? best(new EarlyStoppingGraphTrainer(stopping(graphSaver.get(), batches), graph, data).fit())
                            .getUpdater()
                    : best(new EarlyStoppingTrainer(stopping(saver.get(), batches), (MultiLayerNetwork) model, data)
                                    .fit())
                            .getUpdater();
            assertThat(best).isNotNull().isNotInstanceOf(PreconditionedUpdater.class);
        };
    }

    private static <M extends Model> EarlyStoppingConfiguration<M> stopping(
            EarlyStoppingModelSaver<M> saver, List<DataSet> batches) {
        return new EarlyStoppingConfiguration.Builder<M>()
                .epochTerminationConditions(new MaxEpochsTerminationCondition(1))
                .scoreCalculator(new DataSetLossCalculator(new ExistingDataSetIterator(batches), true))
                .modelSaver(saver)
                .build();
    }

    private static <M extends Model> M best(EarlyStoppingResult<M> result) {
        assertThat(result.getTerminationReason())
                .as(result.getTerminationDetails())
                .isEqualTo(EarlyStoppingResult.TerminationReason.EpochTerminationCondition);
        return result.getBestModel();
    }
}
