package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.report.RunDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The training loop: the same for every method, on the calling thread, one {@code fit} per minibatch. The clock runs
 * for fetching a minibatch and the step, and stands during evaluation. Training ends early where the loss is no longer
 * finite.
 */
final class Trainer {

    /** What every method starts from. */
    static final String INITIAL_MODEL = "model-initial.zip";

    private static final int WARM_UP_STEPS = 5;

    private final NetworkFamily networks;
    private final TrainingObserver observer;
    private final RunDirectory directory;

    /**
     * Creates a trainer.
     *
     * @param directory where models and readings of the spectrum go
     */
    Trainer(NetworkFamily networks, TrainingObserver observer, RunDirectory directory) {
        this.networks = networks;
        this.observer = observer;
        this.directory = directory;
    }

    /** A few steps of a network that is thrown away, so that the first method does not pay for loading libraries. */
    void warmUp(TrainingPlan plan) {
        TrainingModel network = networks.network(new NoOp());
        DataSetIterator minibatches = plan.data().minibatches(plan.batchSize(), plan.seed());
        for (int step = 0; step < WARM_UP_STEPS && minibatches.hasNext(); step++) {
            network.fit(minibatches.next());
        }
    }

    /** Keeps the parameters that every method starts from. */
    void saveInitialModel() throws IOException {
        TrainingModel network = networks.network(new NoOp());
        directory.write(INITIAL_MODEL, network::write);
    }

    /** Trains with one method and keeps the trained network. */
    TrainingRun train(TrainingPlan plan) throws IOException {
        TrainingModel network = networks.network(plan.method().updater(plan.learningRate()));
        TrainingMethod.Attachment attachment = plan.method().attach(network, plan.batchSize());
        observer.attached(attachment.description());
        TrainingRun run;
        try (Sharpness sharpness = Sharpness.of(plan, network, directory)) {
            Steps steps = attachment
                    .steps()
                    .orElseGet(() -> Steps.of(plan.data().minibatches(plan.batchSize(), plan.seed()), network));
            run = new Loop(plan, network, sharpness, steps).run();
        } finally {
            attachment.close();
        }
        directory.write("model-" + plan.method().name() + ".zip", network::write);
        return run;
    }

    /** The state of one run. */
    private final class Loop {

        private final TrainingPlan plan;
        private final TrainingModel network;
        /** Null where none was asked for. */
        private final Sharpness sharpness;

        private final Steps steps;
        private final DataSetIterator trainingSet;
        private final DataSetIterator testSet;
        private final StopWatch clock = new StopWatch();
        private final List<Measurement> measurements = new ArrayList<>();
        private int step;

        Loop(TrainingPlan plan, TrainingModel network, Sharpness sharpness, Steps steps) {
            this.plan = plan;
            this.network = network;
            this.sharpness = sharpness;
            this.steps = steps;
            trainingSet = plan.data().trainingSet();
            testSet = plan.data().testSet();
        }

        TrainingRun run() throws IOException {
            measure(0, true);
            for (int epoch = 1; epoch <= plan.epochs() && lastIsFinite(); epoch++) {
                observer.epochStarts(plan, epoch);
                epoch(epoch);
                network.endEpoch();
                measure(epoch, true);
            }
            if (sharpness != null) {
                observer.sharpness(sharpness.summary());
            }
            return new TrainingRun(plan, measurements);
        }

        private void epoch(int epoch) throws IOException {
            steps.beginEpoch();
            boolean finite = true;
            while (finite && steps.hasNext()) {
                finite = step();
                boolean due = plan.evaluateEvery() > 0 && step % plan.evaluateEvery() == 0;
                if (due && finite && steps.hasNext()) {
                    measure(epoch, false);
                }
            }
        }

        private boolean step() {
            clock.start();
            steps.step();
            clock.stop();
            step++;
            observer.stepDone(network.score());
            return Double.isFinite(network.score());
        }

        private void measure(int epoch, boolean withTrainingSet) throws IOException {
            Optional<Score> train = withTrainingSet
                    ? Optional.of(Evaluator.evaluate(network, trainingSet, plan.scoring()))
                    : Optional.empty();
            Score test = Evaluator.evaluate(network, testSet, plan.scoring());
            Measurement measurement =
                    new Measurement(plan.method().name(), plan.seed(), epoch, step, seconds(), train, test);
            measurements.add(measurement);
            observer.measured(plan, measurement);
        }

        private double seconds() {
            return clock.seconds() - (sharpness == null ? 0 : sharpness.seconds());
        }

        private boolean lastIsFinite() {
            return measurements.get(measurements.size() - 1).finite();
        }
    }
}
