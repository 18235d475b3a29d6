package io.github.dl4jngd.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jngd.cli.data.Digits;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

class EvaluatorTest {

    private static final int IMAGES = 1500; // more than one evaluation batch

    private final TrainingData data =
            new TrainingData(Digits.images(IMAGES, 3), Digits.images(10, 4), DataForm.flat(DataType.DOUBLE));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void agreesWithDeeplearning4j(int hiddenLayers) {
        List<Integer> hidden = List.of(7, 5).subList(0, hiddenLayers);
        MultiLayerNetwork network = mlp(hidden).multiLayerNetwork(new Sgd(0.1));

        Score score = Evaluator.evaluate(TrainingModel.of(network), data.trainingSet(), Scoring.CLASSIFICATION);

        DataSet all = io.github.dl4jngd.datasets.ImageDataSetIterator.builder(data.train())
                .dataType(DataType.DOUBLE)
                .build()
                .all();
        Evaluation evaluation = network.evaluate(data.trainingSet());
        assertThat(score.loss()).isCloseTo(network.score(all), within(1e-9));
        assertThat(score.fit()).isEqualTo(evaluation.accuracy());
    }

    @Test
    void doesNotClip() {
        MultiLayerNetwork network = mlp(List.of()).multiLayerNetwork(new Sgd(0.1));
        network.params().assign(0);
        network.getParam("0_b").putScalar(0, 1000);

        Score score = Evaluator.evaluate(TrainingModel.of(network), data.trainingSet(), Scoring.CLASSIFICATION);

        double wrong = 1 - score.fit();
        assertThat(wrong).isBetween(0.6, 0.9);
        assertThat(score.loss()).isCloseTo(1000 * wrong, within(1e-9));
    }

    @Test
    void leavesTheNetworkAsItIs() {
        Mlp mlp = mlp(List.of(7));
        MultiLayerNetwork evaluated = mlp.multiLayerNetwork(new Sgd(0.1));
        MultiLayerNetwork untouched = mlp.multiLayerNetwork(new Sgd(0.1));
        Evaluator.evaluate(TrainingModel.of(evaluated), data.trainingSet(), Scoring.CLASSIFICATION);
        evaluated.fit(data.minibatches(32, 1).next());
        untouched.fit(data.minibatches(32, 1).next());

        assertThat(evaluated.params()).isEqualTo(untouched.params());
    }

    private Mlp mlp(List<Integer> hidden) {
        return new Mlp(data.inputs(), hidden, data.classes(), Activation.TANH, DataType.DOUBLE, 5);
    }
}
