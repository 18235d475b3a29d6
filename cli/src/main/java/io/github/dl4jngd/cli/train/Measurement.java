package io.github.dl4jngd.cli.train;

import java.util.Optional;

/**
 * One evaluation during training.
 *
 * @param step minibatches so far
 * @param seconds training time so far, without evaluations
 * @param train the score on the whole training set, where it was taken (before training and at the end of epochs)
 */
record Measurement(String method, long seed, int epoch, int step, double seconds, Optional<Score> train, Score test) {

    boolean finite() {
        return Double.isFinite(test.loss()) && train.stream().allMatch(score -> Double.isFinite(score.loss()));
    }
}
