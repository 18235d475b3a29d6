package io.github.dl4jngd.datasets;

import java.util.Random;

/** Softmax regression, or a network with one hidden layer of rectifiers, trained one image at a time in plain Java. */
final class PlainNetwork {

    private final int hidden;
    /** [from][to]; the last row is the bias. */
    private final float[][] first;

    private final float[][] second;
    private final float[] activations;
    private final float[] outputs;

    /** No hidden units: softmax regression. */
    PlainNetwork(int inputs, int hidden, int classes) {
        this.hidden = hidden;
        Random random = new Random(1);
        this.first = hidden == 0 ? new float[0][] : random(random, inputs, hidden);
        this.second = hidden == 0 ? new float[inputs + 1][classes] : random(random, hidden, classes);
        this.activations = new float[hidden];
        this.outputs = new float[classes];
    }

    void train(float[] input, int label, float rate) {
        forward(input);
        softmax();
        outputs[label] -= 1;
        if (hidden == 0) {
            update(second, input, outputs, rate);
            return;
        }
        float[] delta = new float[hidden];
        for (int h = 0; h < hidden; h++) {
            for (int c = 0; c < outputs.length && activations[h] > 0; c++) {
                delta[h] += outputs[c] * second[h][c];
            }
        }
        update(second, activations, outputs, rate);
        update(first, input, delta, rate);
    }

    int predict(float[] input) {
        forward(input);
        int best = 0;
        for (int c = 1; c < outputs.length; c++) {
            best = outputs[c] > outputs[best] ? c : best;
        }
        return best;
    }

    private void forward(float[] input) {
        if (hidden == 0) {
            multiply(second, input, outputs);
            return;
        }
        multiply(first, input, activations);
        for (int h = 0; h < hidden; h++) {
            activations[h] = Math.max(0, activations[h]);
        }
        multiply(second, activations, outputs);
    }

    private void softmax() {
        float largest = Float.NEGATIVE_INFINITY;
        for (float output : outputs) {
            largest = Math.max(largest, output);
        }
        float sum = 0;
        for (int c = 0; c < outputs.length; c++) {
            outputs[c] = (float) Math.exp(outputs[c] - largest);
            sum += outputs[c];
        }
        for (int c = 0; c < outputs.length; c++) {
            outputs[c] /= sum;
        }
    }

    private static void multiply(float[][] weights, float[] input, float[] result) {
        System.arraycopy(weights[input.length], 0, result, 0, result.length);
        for (int i = 0; i < input.length; i++) {
            float[] row = weights[i];
            float x = input[i];
            for (int j = 0; j < result.length; j++) {
                result[j] += x * row[j];
            }
        }
    }

    private static void update(float[][] weights, float[] input, float[] delta, float rate) {
        for (int i = 0; i <= input.length; i++) {
            float[] row = weights[i];
            float x = -rate * (i < input.length ? input[i] : 1);
            for (int j = 0; j < delta.length; j++) {
                row[j] += x * delta[j];
            }
        }
    }

    private static float[][] random(Random random, int from, int to) {
        float[][] weights = new float[from + 1][to];
        for (int i = 0; i < from; i++) {
            for (int j = 0; j < to; j++) {
                weights[i][j] = (float) (random.nextGaussian() * Math.sqrt(2.0 / from));
            }
        }
        return weights;
    }
}
