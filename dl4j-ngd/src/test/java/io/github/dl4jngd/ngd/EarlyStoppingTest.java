package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.input;
import static io.github.dl4jngd.ngd.Models.labels;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.BestScoreEpochTerminationCondition;
import org.deeplearning4j.earlystopping.termination.EpochTerminationCondition;
import org.deeplearning4j.earlystopping.termination.InvalidScoreIterationTerminationCondition;
import org.deeplearning4j.earlystopping.termination.IterationTerminationCondition;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.termination.MaxScoreIterationTerminationCondition;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** DL4J's early stopping ends for the reason, and in the epoch, for which it ends without a natural gradient. */
class EarlyStoppingTest {

    /** Whose score no condition overlooks, for all that the data were good in the first epoch. */
    private static final double BROKEN = Double.NaN;

    private static final double HUGE = 1e6;

    static Stream<Arguments> conditions() {
        return Stream.of(
                Arguments.of("invalid score", new InvalidScoreIterationTerminationCondition(), null, BROKEN),
                Arguments.of("score too large", new MaxScoreIterationTerminationCondition(1e3), null, HUGE),
                Arguments.of("epochs", null, new MaxEpochsTerminationCondition(3), 1.0),
                Arguments.of("epochs, with broken data", null, new MaxEpochsTerminationCondition(9), BROKEN),
                Arguments.of("no improvement", null, new ScoreImprovementEpochTerminationCondition(0, 10.0), 1.0),
                Arguments.of("best score", null, new BestScoreEpochTerminationCondition(100), 1.0));
    }

    /** From the second epoch on the second minibatch has labels that are so many times too large. */
    private static ExistingDataSetIterator data(double factor) {
        AtomicInteger begun = new AtomicInteger();
        // The trainer begins anew before its first epoch, too.
        Iterable<DataSet> epochs = () -> minibatches(begun.getAndIncrement() < 2 ? 1 : factor);
        return new ExistingDataSetIterator(epochs) {
            @Override
            public boolean asyncSupported() {
                return false;
            }
        };
    }

    private static Iterator<DataSet> minibatches(double factor) {
        return IntStream.range(0, 3)
                .mapToObj(batch -> new DataSet(input(batch), labels(batch).mul(batch == 1 ? factor : 1)))
                .iterator();
    }

    private static EarlyStoppingResult<?> result(
            Model model, IterationTerminationCondition iteration, EpochTerminationCondition epoch, double factor) {
        return model instanceof MultiLayerNetwork network
                ? new EarlyStoppingTrainer(
                                EarlyStoppingTest.<MultiLayerNetwork>stopping(iteration, epoch), network, data(factor))
                        .fit()
                : new EarlyStoppingGraphTrainer(
                                EarlyStoppingTest.<ComputationGraph>stopping(iteration, epoch),
                                (ComputationGraph) model,
                                data(factor))
                        .fit();
    }

    private static <M extends Model> EarlyStoppingConfiguration<M> stopping(
            IterationTerminationCondition iteration, EpochTerminationCondition epoch) {
        EarlyStoppingConfiguration.Builder<M> builder = new EarlyStoppingConfiguration.Builder<M>()
                .scoreCalculator(new DataSetLossCalculator(
                        new ExistingDataSetIterator(List.of(new DataSet(input(0), labels(0)))), true))
                .modelSaver(new InMemoryModelSaver<>());
        if (iteration != null) {
            builder.iterationTerminationConditions(iteration);
        }
        EpochTerminationCondition last = new MaxEpochsTerminationCondition(20);
        builder.epochTerminationConditions(epoch == null ? List.of(last) : List.of(epoch, last));
        return builder.build();
    }

    private static Model model(ModelClass models) {
        MultiLayerNetwork network = Models.of(
                settings -> settings.updater(new Sgd(0.1)),
                Models.dense(Models.IN, 5),
                Models.output(5, LossFunction.MSE, Activation.IDENTITY));
        return models == ModelClass.COMPUTATION_GRAPH ? network.toComputationGraph() : network;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conditions")
    void endsAsItDoesWithout(
            String name, IterationTerminationCondition iteration, EpochTerminationCondition epoch, double factor) {
        for (ModelClass models : ModelClass.values()) {
            EarlyStoppingResult<?> without = result(model(models), iteration, epoch, factor);
            Model model = model(models);
            models.attach(model, Kfac.defaults());
            EarlyStoppingResult<?> with = result(model, iteration, epoch, factor);
            assertThat(with.getTerminationReason())
                    .as(with.getTerminationDetails())
                    .isEqualTo(without.getTerminationReason());
            assertThat(with.getTerminationDetails()).isEqualTo(without.getTerminationDetails());
            assertThat(with.getTotalEpochs()).isEqualTo(without.getTotalEpochs());
            assertThat(model.params().isNaN().any()).isFalse();
        }
    }
}
