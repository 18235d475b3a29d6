package io.github.dl4jngd.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.cli.data.Digits;
import io.github.dl4jngd.cli.report.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

class TrainerTest {

    @TempDir
    private Path directory;

    private final TrainingData data =
            new TrainingData(Digits.images(50, 1), Digits.images(40, 2), DataForm.flat(DataType.FLOAT));
    private final Mlp mlp = new Mlp(data.inputs(), List.of(8), data.classes(), Activation.RELU, DataType.FLOAT, 3);
    private final List<Measurement> seen = new ArrayList<>();
    private int steps;

    private final TrainingObserver observer = new TrainingObserver() {
        @Override
        public void epochStarts(TrainingPlan plan, int epoch) {}

        @Override
        public void stepDone(double minibatchLoss) {
            steps++;
        }

        @Override
        public void measured(TrainingPlan plan, Measurement measurement) {
            seen.add(measurement);
        }
    };

    @Test
    void measuresBeforeWithinAndAfterEpochs() throws IOException {
        TrainingRun run = trainer().train(plan(method("sgd"), 0.1, 2, 2));

        assertThat(run.measurements())
                .isEqualTo(seen)
                .extracting(Measurement::step)
                .containsExactly(0, 2, 4, 5, 6, 8, 10);
        assertThat(seen).extracting(Measurement::epoch).containsExactly(0, 1, 1, 1, 2, 2, 2);
        assertThat(seen)
                .filteredOn(m -> m.train().isPresent())
                .extracting(Measurement::step)
                .containsExactly(0, 5, 10);
        assertThat(seen).extracting(Measurement::seconds).isSorted();
        assertThat(seen.get(0).seconds()).isZero();
        assertThat(steps).isEqualTo(10);
        assertThat(run.last().test().loss()).isLessThan(seen.get(0).test().loss());
        assertThat(run.diverged()).isFalse();
    }

    @Test
    void everyMethodStartsFromTheSameParametersAndRepeats() throws IOException {
        Trainer trainer = trainer();
        trainer.warmUp(plan(method("adam"), 0.1, 1, 0));
        TrainingRun first = trainer.train(plan(method("sgd"), 0.1, 2, 0));
        TrainingRun other = trainer.train(plan(method("adam"), 0.01, 1, 0));
        TrainingRun again = trainer.train(plan(method("sgd"), 0.1, 2, 0));

        assertThat(other.measurements().get(0).test())
                .isEqualTo(first.measurements().get(0).test());
        assertThat(again.last().train()).isEqualTo(first.last().train());
        assertThat(again.last().test()).isEqualTo(first.last().test());
    }

    @Test
    void endsWhereTheLossIsNoLongerFinite() throws IOException {
        TrainingRun run = trainer().train(plan(method("sgd"), 1e30, 5, 0));

        assertThat(run.diverged()).isTrue();
        assertThat(run.last().step()).isLessThan(25);
        assertThat(TrainingSummary.table(List.of(run)).toString())
                .contains("sgd (diverged)")
                .contains("NaN");
    }

    @Test
    void attachesBeforeTheFirstStepAndClosesAfterTheLast() throws IOException {
        List<String> calls = new ArrayList<>();
        TrainingMethod method = new TrainingMethod() {
            @Override
            public String name() {
                return "custom";
            }

            @Override
            public String description() {
                return "for this test";
            }

            @Override
            public double defaultLearningRate() {
                return 0.1;
            }

            @Override
            public IUpdater updater(double learningRate) {
                return new Sgd(learningRate);
            }

            @Override
            public Attachment attach(TrainingModel network, int batchSize) {
                calls.add("attached after " + steps);
                return () -> calls.add("closed after " + steps);
            }
        };

        trainer().train(plan(method, 0.1, 1, 0));

        assertThat(calls).containsExactly("attached after 0", "closed after 5");
        assertThat(method.limit()).isEmpty();
    }

    @Test
    void findsTheTimeToAnAccuracy() {
        TrainingPlan plan = plan(method("sgd"), 0.1, 1, 0);
        TrainingRun run = new TrainingRun(plan, List.of(at(1, 0.9), at(2, 0.97), at(3, 0.96), at(4, 0.98)));

        assertThat(run.secondsTo(0.97)).hasValue(2);
        assertThat(run.secondsTo(0.98)).hasValue(4);
        assertThat(run.secondsTo(0.99)).isEmpty();
    }

    private static Measurement at(double seconds, double accuracy) {
        Score score = new Score(1, accuracy);
        return new Measurement("sgd", 1, 1, 1, seconds, Optional.of(score), score);
    }

    private static TrainingMethod method(String name) {
        return TrainingMethods.forPerceptrons().named(name).orElseThrow();
    }

    private TrainingPlan plan(TrainingMethod method, double learningRate, int epochs, int evaluateEvery) {
        return new TrainingPlan(method, learningRate, 10, data, 7, epochs, evaluateEvery, 0, false);
    }

    private Trainer trainer() throws IOException {
        return new Trainer(mlp, observer, RunDirectory.open(directory));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nesterovs", "kfac"})
    void sharpnessIsReadWithoutChangingTraining(String name) throws IOException {
        TrainingPlan plain = plan(method(name), 0.1, 2, 0);
        TrainingPlan watched =
                new TrainingPlan(plain.method(), plain.learningRate(), 10, plain.data(), plain.seed(), 2, 0, 3, true);

        TrainingRun without = trainer().train(plain);
        TrainingRun with = trainer().train(watched);

        assertThat(with.last().train()).isEqualTo(without.last().train());
        assertThat(with.last().test()).isEqualTo(without.last().test());
        assertThat(Files.readAllLines(directory.resolve("sharpness-" + name + ".csv")))
                .hasSize(1 + 4)
                .first()
                .asString()
                .startsWith("iteration,epoch,lambda_max");
        assertThat(directory.resolve("sharpness-" + name + ".png")).isNotEmptyFile();
        assertThat(directory.resolve("sharpness-" + name + ".jsonl")).content().contains("lambda_max_of_");
        assertThat(Files.exists(directory.resolve("isotropy-" + name + ".csv"))).isEqualTo(name.equals("kfac"));
    }
}
