package io.github.dl4jngd.benchmarks;

import java.util.List;

/**
 * A row of the table: one benchmark over another.
 *
 * @param title what is measured
 * @param measured its key
 * @param against what it is compared with
 * @param reference its key
 * @param most the largest ratio that is accepted
 * @param aim the ratio aimed at
 */
record Row(String title, String measured, String against, String reference, double most, double aim) {

    static final List<Row> ALL = List.of(
            new Row(
                    "K-FAC step, MLP 784-1024-1024-10, batch 256",
                    "PerceptronSteps.steps KFAC",
                    "DL4J's Sgd step",
                    "PerceptronSteps.steps SGD",
                    1.6,
                    1.2),
            new Row(
                    "the same with asynchronous inverses",
                    "PerceptronSteps.steps KFAC_ASYNCHRONOUS",
                    "DL4J's Sgd step",
                    "PerceptronSteps.steps SGD",
                    1.6,
                    1.2),
            new Row(
                    "K-FAC step, MLP 784-512-512-10, batch 128",
                    "PerceptronSteps.steps SMALL_KFAC",
                    "DL4J's Sgd step",
                    "PerceptronSteps.steps SMALL_SGD",
                    1.8,
                    1.3),
            new Row(
                    "the same over the first 1000 steps",
                    "First.steps SMALL_KFAC",
                    "DL4J's Sgd step",
                    "First.steps SMALL_SGD",
                    2.2,
                    1.6),
            new Row(
                    "K-FAC step, ResNet-8, batch 128",
                    "ImageSteps.steps RESIDUAL_KFAC",
                    "DL4J's Sgd step with dl4j-onednn",
                    "ImageSteps.steps RESIDUAL_SGD",
                    1.5,
                    1.25),
            new Row(
                    "power iteration, the MLP",
                    "SpectrumReadings.powerIterations PERCEPTRON",
                    "DL4J's Sgd step",
                    "PerceptronSteps.steps SGD",
                    0.5,
                    0.35),
            new Row(
                    "power iteration, convolutional network, batch 128",
                    "SpectrumReadings.powerIterations CONVOLUTIONAL",
                    "DL4J's Sgd step with dl4j-onednn",
                    "ImageSteps.steps CONVOLUTIONAL_SGD",
                    0.7,
                    0.5),
            new Row(
                    "that network's Sgd step with dl4j-onednn",
                    "ImageSteps.steps CONVOLUTIONAL_SGD",
                    "without it",
                    "BuiltIn.steps",
                    0.2,
                    0.1),
            new Row(
                    "λ_max to 1e-3 while training, warm start",
                    "WhileTraining.warm",
                    "one cold estimate",
                    "WhileTraining.cold",
                    0.3,
                    0.15),
            new Row(
                    "exact step, 784-1024-1024-1, N = 100",
                    "ExactSteps.step",
                    "forming the Jacobian",
                    "ExactSteps.formingTheJacobian",
                    0.05,
                    0.02),
            new Row(
                    "unit-wise step, the MLP, N = 128",
                    "PerceptronSteps.steps UNIT_WISE",
                    "DL4J's Sgd step",
                    "PerceptronSteps.steps SGD_128",
                    5,
                    2.5),
            new Row(
                    "listener every 50 iterations on the MLP",
                    "PerceptronSteps.steps LISTENER",
                    "training without it",
                    "PerceptronSteps.steps SGD",
                    1.03,
                    1.01));
}
