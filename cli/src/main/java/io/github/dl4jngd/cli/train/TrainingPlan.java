package io.github.dl4jngd.cli.train;

/**
 * What one method is to do.
 *
 * @param evaluateEvery steps between evaluations on the test set within an epoch; 0 for none
 * @param sharpnessEvery steps between readings of the spectrum; 0 for none
 * @param live whether they are for the page, which shows every layer
 */
record TrainingPlan(
        TrainingMethod method,
        double learningRate,
        int batchSize,
        TrainingData data,
        long seed,
        int epochs,
        int evaluateEvery,
        int sharpnessEvery,
        boolean live) {

    Scoring scoring() {
        return data.form().scoring();
    }

    int stepsPerEpoch() {
        return (data.train().count() + batchSize - 1) / batchSize;
    }
}
