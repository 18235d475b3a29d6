package io.github.dl4jngd.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jngd.fisher.operation.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Every program does what its first comment says. */
class ProgramsTest {

    private static final int MOST_LINES = 70;

    static List<Path> sources() throws IOException {
        return Program.sources();
    }

    @ParameterizedTest
    @MethodSource("sources")
    void isOneShortFileThatSaysWhatItPrints(Path source) throws IOException {
        String text = Files.readString(source);
        String name = source.getFileName().toString().replace(".java", "");

        assertThat(text.lines()).hasSizeLessThanOrEqualTo(MOST_LINES);
        assertThat(text)
                .containsPattern("\\*/\\Rpublic class " + name + " \\{")
                .containsPattern("(?s)/\\*\\*.* prints ".replace("prints", "[Pp]rints"))
                .contains("public static void main(String[] args)")
                .doesNotContain("args[", "import io.github.dl4jngd.examples");
        assertThat(Path.of("README.md")).content().contains("[" + name + "](");
    }

    @Test
    void kfacTrainsTheResNetInFewerSteps() throws Exception {
        List<String> printed = Program.run(KfacOnResNet::main);

        double[] last = Program.numbers(printed, "epoch 3");
        assertThat(last[2]).as("K-FAC").isGreaterThan(0.3).isGreaterThan(1.5 * last[1]);
    }

    @Test
    void dampingComesDownAndTrainingGetsFaster() throws Exception {
        List<String> printed = Program.run(DampingThatAdapts::main);

        double[] first = Program.numbers(printed.get(1));
        double[] last = Program.numbers(printed.get(printed.size() - 1));
        assertThat(last[2]).as("adaptive loss").isLessThan(0.5 * last[1]);
        assertThat(last[3]).as("damping").isLessThan(0.2 * first[3]);
        assertThat(last[4]).as("reduction ratio").isBetween(0.75, 1.25);
    }

    @Test
    void regularisedTrainingEndsElsewhere() throws Exception {
        List<String> printed = Program.run(FlatterMinimum::main);

        double[] plain = Program.numbers(printed, "plain");
        double[] regularised = Program.numbers(printed, "F-GR");
        assertThat(plain[0]).isBetween(0.01, 0.1);
        assertThat(regularised[0]).isNotEqualTo(plain[0]).isBetween(0.01, 0.1);
        for (String line : printed) {
            double[] numbers = Program.numbers(line);
            assertThat(numbers[2]).as("uphill: " + line).isGreaterThanOrEqualTo(numbers[0]);
        }
    }

    @Test
    void anAnchorForgetsLess() throws Exception {
        List<String> printed = Program.run(ContinualLearning::main);

        double plain = Program.numbers(printed, "none")[2];
        assertThat(plain).isGreaterThan(0.05);
        assertThat(Program.numbers(printed, "K-FAC")[2]).isLessThan(0.7 * plain);
        assertThat(Program.numbers(printed, "K-FAC")[1]).isGreaterThan(0.75);
    }

    @Test
    void resumedTrainingIsUninterruptedTraining() throws Exception {
        List<String> printed = Program.run(ResumeFromCheckpoint::main);

        assertThat(printed).contains("went on from checkpoint-20.zip at step 20", "from the checkpoint:  distance 0.0");
        assertThat(Program.numbers(printed, "from the model alone")[0]).isGreaterThan(0.01);
    }

    @Test
    void spectrumIsThatOfTheMinibatch() throws Exception {
        List<String> printed = Program.run(WatchTheSpectrum::main);

        double[] first = Program.numbers(printed.get(1));
        INDArray minibatch = WatchTheSpectrum.digits().next().getFeatures();
        double[] eigenvalues = ExplicitFisher.eigenvalues(WatchTheSpectrum.network(), minibatch);
        assertThat(first[1]).as("lambda_max").isCloseTo(eigenvalues[0], within(0.005 * eigenvalues[0]));
        assertThat(printed).hasSize(9);
        for (String line : printed.subList(1, printed.size())) {
            double[] reading = Program.numbers(line);
            assertThat(reading[1] * reading[2]).as(line).isCloseTo(2, within(0.01));
            assertThat(reading[3]).as(line).isEqualTo(0.3);
        }
        assertThat(Path.of("target", "spectrum.png")).isNotEmptyFile();
    }

    @Test
    void earlyStoppingKeepsTheBestModel() throws Exception {
        List<String> printed = Program.run(EarlyStoppingWithKfac::main);

        double[] losses = printed.stream()
                .filter(line -> line.startsWith("epoch "))
                .mapToDouble(line -> Program.numbers(line)[1])
                .toArray();
        double[] best = Program.numbers(printed, "best: ");
        double after = Program.numbers(printed, "one epoch on")[0];
        assertThat(losses[(int) best[0]]).isEqualTo(Arrays.stream(losses).min().orElseThrow());
        // three epochs without an improvement, and the one that is found to be the fourth
        assertThat(best[1]).isEqualTo(losses.length).isEqualTo(best[0] + 4);
        assertThat(after).isCloseTo(losses[(int) best[0] + 1], within(0.1));
        assertThat(after).isNotEqualTo(losses[(int) best[0]]);
    }

    @Test
    void fisherPredictsTheDivergence() throws Exception {
        List<String> printed = Program.run(FisherVectorProducts::main);

        double predicted = Program.numbers(printed, "half vFv")[0];
        double divergence = Program.numbers(printed, "KL divergence")[0];
        assertThat(divergence).isGreaterThan(1e-5).isCloseTo(predicted, within(0.03 * predicted));
    }

    @Test
    void eigenvaluesAreThoseOfTheExplicitMatrix() throws Exception {
        List<String> printed = Program.run(EigenvaluesOfMyNetwork::main);

        MultiLayerNetwork net = EigenvaluesOfMyNetwork.network();
        net.fit(EigenvaluesOfMyNetwork.digits(), 5);
        double[] expected = ExplicitFisher.eigenvalues(
                net, EigenvaluesOfMyNetwork.digits().all().getFeatures());
        double trace = Arrays.stream(expected).sum();
        assertThat(Program.numbers(printed.get(0)))
                .containsExactly(new double[] {net.numParams(), trace}, within(1e-3));
        for (int i = 0; i < 5; i++) {
            assertThat(Program.numbers(printed.get(1 + i))[0])
                    .as("eigenvalue %d", i)
                    .isCloseTo(expected[i], within(1e-3 * expected[0]));
        }
        for (String layer : printed.subList(6, 9)) {
            // a block's largest eigenvalue is at most the matrix's
            assertThat(Program.numbers(layer)[1]).as(layer).isBetween(0.01 * expected[0], 1.001 * expected[0]);
        }
    }

    @Test
    void networkWithItsOwnLayerLearns() throws Exception {
        List<String> printed = Program.run(MyOwnLayerRule::main);

        double before = Program.numbers(printed, "after 0 steps")[1];
        double after = Program.numbers(printed, "after 30 steps")[1];
        assertThat(after).isLessThan(0.1 * before);
    }

    @Test
    void ownRuleIsTheDerivative() {
        Operation softmax = new MyOwnLayerRule.SoftmaxRule().compile(null).get(0);
        INDArray x = Transforms.sin(Nd4j.linspace(DataType.DOUBLE, -2, 1.3, 12).reshape(4, 3), true);
        INDArray tangent = Transforms.cos(x.mul(7), true);
        double step = 1e-6;

        Operation.Linearized at = softmax.linearize(x, null);
        INDArray difference = softmax.linearize(x.add(tangent.mul(step)), null)
                .output()
                .sub(softmax.linearize(x.sub(tangent.mul(step)), null).output())
                .div(2 * step);
        assertThat(at.jvp(tangent, null).distance2(difference)).isLessThan(1e-8);
        assertThat(at.jvp(null, null)).isNull();
        INDArray cotangents =
                Transforms.cos(Nd4j.linspace(DataType.DOUBLE, 0, 0.9, 24).reshape(2, 4, 3), true);
        for (int k = 0; k < 2; k++) {
            double pushed =
                    cotangents.slice(k).mul(at.jvp(tangent, null)).sumNumber().doubleValue();
            double pulled = at.vjp(cotangents).slice(k).mul(tangent).sumNumber().doubleValue();
            assertThat(pulled).isCloseTo(pushed, within(1e-12));
        }
    }

    @Test
    void transferLeavesFrozenLayersAlone() throws Exception {
        List<String> printed = Program.run(TransferLearningWithKfac::main);

        assertThat(Program.numbers(printed, "0 to 4")[2]).isGreaterThan(0.45);
        // guessing is right for one in five
        assertThat(Program.numbers(printed, "5 to 9")[2]).isGreaterThan(0.35);
        assertThat(printed).contains("frozen layer moved by 0.0");
    }
}
