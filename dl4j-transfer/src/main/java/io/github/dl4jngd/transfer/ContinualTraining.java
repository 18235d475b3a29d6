package io.github.dl4jngd.transfer;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a model on tasks one after the other, and tests it on all of them after each.
 *
 * <pre>{@code
 * ErrorMatrix errors = ContinualTraining.of(model)
 *         .tasks(List.of(first, second)).tests(List.of(firstTest, secondTest))
 *         .until(StopRule.loss(1e-3), StopRule.epochs(50))
 *         .anchor(AnchoredPenalty.ridge(0.01))
 *         .fit();
 * errors.forgetting();
 * }</pre>
 *
 * <p>The model is any {@code MultiLayerNetwork}, or {@code ComputationGraph} of one input and one output, with whatever
 * updater, listeners or natural gradient it has. Without an anchor nothing but the data tells the tasks apart: it is
 * fine-tuning, and what it forgets shows in the matrix.
 */
public final class ContinualTraining {

    private static final Logger log = LoggerFactory.getLogger(ContinualTraining.class);

    private final Model model;
    private List<? extends DataSetIterator> tasks = List.of();
    private List<? extends DataSetIterator> tests = List.of();
    private StopRule[] rules = {StopRule.epochs(1)};
    private TaskScore score = TaskScore.accuracy();
    /** Null for none. */
    private AnchoredPenalty anchor;

    private ContinualTraining(Model model) {
        this.model = model;
    }

    /**
     * Training of a model.
     *
     * @param model an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; trained by {@link #fit}
     * @return to be told the tasks; one epoch each unless {@link #until} says otherwise
     * @throws IllegalArgumentException if it is neither
     */
    public static ContinualTraining of(Model model) {
        Models.require(Objects.requireNonNull(model, "model"));
        return new ContinualTraining(model);
    }

    /**
     * The training data of each task.
     *
     * @param data iterators that can be reset
     * @return this
     */
    public ContinualTraining tasks(List<? extends DataSetIterator> data) {
        tasks = List.copyOf(data);
        return this;
    }

    /**
     * The test data of each task; may be the same for all.
     *
     * @param data iterators that can be reset, as many as tasks
     * @return this
     */
    public ContinualTraining tests(List<? extends DataSetIterator> data) {
        tests = List.copyOf(data);
        return this;
    }

    /**
     * When a task counts as learnt: as soon as one of the rules says so, after whole epochs.
     *
     * @param stopRules at least one
     * @return this
     * @throws IllegalArgumentException if there is none
     */
    public ContinualTraining until(StopRule... stopRules) {
        if (stopRules.length == 0) {
            throw new IllegalArgumentException("Training needs at least one rule to stop by");
        }
        rules = stopRules.clone();
        return this;
    }

    /**
     * How the model is tested; by accuracy unless set.
     *
     * @param taskScore the higher, the better
     * @return this
     */
    public ContinualTraining score(TaskScore taskScore) {
        score = Objects.requireNonNull(taskScore, "taskScore");
        return this;
    }

    /**
     * Holds the model near what it knows while it learns every task but the first, or the first too where the penalty
     * has an anchor already.
     *
     * @param penalty attached to the model during each task and detached after it
     * @return this
     */
    public ContinualTraining anchor(AnchoredPenalty penalty) {
        anchor = Objects.requireNonNull(penalty, "penalty");
        return this;
    }

    /**
     * Trains.
     *
     * @return the scores of all tasks after each
     * @throws IllegalStateException if there are no tasks, or not as many tests
     */
    public ErrorMatrix fit() {
        if (tasks.isEmpty() || tests.size() != tasks.size()) {
            throw new IllegalStateException("Continual training needs at least one task and a test for each, got "
                    + tasks.size() + " tasks and " + tests.size() + " tests");
        }
        double[] initial = scores();
        double[][] after = new double[tasks.size()][];
        for (int task = 0; task < tasks.size(); task++) {
            learn(tasks.get(task), task);
            after[task] = scores();
            if (anchor != null) {
                anchor.learnt(model, tasks.get(task));
            }
        }
        return ErrorMatrix.of(after, initial);
    }

    private double[] scores() {
        // tasks that share their test are tested once
        IdentityHashMap<DataSetIterator, Double> known = new IdentityHashMap<>();
        return tests.stream()
                .mapToDouble(data -> known.computeIfAbsent(data, own -> score.of(model, own)))
                .toArray();
    }

    private void learn(DataSetIterator data, int task) {
        boolean anchored = anchor != null && anchor.hasAnchor();
        if (anchored) {
            anchor.attach(model, Models.samples(data));
        }
        try {
            int epochs = 0;
            double loss;
            do {
                data.reset();
                while (data.hasNext()) {
                    Models.fit(model, data.next());
                }
                Models.endEpoch(model);
                epochs++;
                loss = Models.loss(model, data);
                if (!Double.isFinite(loss)) {
                    throw new ArithmeticException("Task " + (task + 1) + ": the training loss is " + loss + " after "
                            + epochs + " epochs; lower the learning rate or the anchor's weight");
                }
            } while (!stops(epochs, loss));
            log.info("Task {}: training loss {} after {} epochs", task + 1, loss, epochs);
        } finally {
            if (anchored) {
                anchor.detach();
            }
        }
    }

    private boolean stops(int epochs, double loss) {
        for (StopRule rule : rules) {
            if (rule.stops(epochs, loss)) {
                return true;
            }
        }
        return false;
    }
}
