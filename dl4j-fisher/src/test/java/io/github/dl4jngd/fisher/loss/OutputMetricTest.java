package io.github.dl4jngd.fisher.loss;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossMSLE;
import org.nd4j.linalg.ops.transforms.Transforms;

class OutputMetricTest {

    private static final double TEST_F64 = 1e-12;
    private static final double FINITE_DIFFERENCE = 1e-7;
    private static final int SAMPLES = 5;
    private static final int OUTPUTS = 4;

    /**
     * A loss at outputs that suit it.
     *
     * @param model the loss
     * @param f outputs
     * @param y labels
     * @param secondDerivative whether H is the loss's second derivative
     */
    private record Case(LossModel model, INDArray f, INDArray y, boolean secondDerivative) {

        OutputMetric metric() {
            return model.at(f);
        }

        @Override
        public String toString() {
            return model.description();
        }
    }

    private static final INDArray F = normal(new Random(1), 2, DataType.DOUBLE, SAMPLES, OUTPUTS);
    private static final INDArray D = normal(new Random(2), 1, DataType.DOUBLE, SAMPLES, OUTPUTS);

    /** Soft labels that suit every model. */
    private static final INDArray Y = softmax(normal(new Random(3), 1, DataType.DOUBLE, SAMPLES, OUTPUTS));

    private static final INDArray SIGNS =
            D.gt(0).castTo(DataType.DOUBLE).muli(2).subi(1);

    static Stream<Case> cases() {
        INDArray weights = Nd4j.createFromArray(0.5, 1.0, 2.0, 3.0);
        INDArray samples = Nd4j.createFromArray(0.0, 1.0, 2.5, 0.3, 0.0).reshape(SAMPLES, 1);
        INDArray perSample = Nd4j.ones(DataType.DOUBLE, SAMPLES, OUTPUTS).muliColumnVector(samples);
        INDArray perOutput = Transforms.abs(normal(new Random(5), 1, DataType.DOUBLE, SAMPLES, OUTPUTS), false);
        perOutput.putScalar(1, 2, 0);
        INDArray counts = Y.mul(10);
        INDArray positive = Transforms.exp(F, true);
        INDArray probabilities = Transforms.sigmoid(F, true);
        LossModel classWeights = LossModel.weightedSoftmaxCrossEntropy(weights);
        return Stream.of(
                logits(LossModel.squaredError(2)),
                logits(LossModel.halfSquaredError()),
                logits(LossModel.squaredError(0.5, weights)),
                logits(LossModel.softmaxCrossEntropy()),
                logits(LossModel.sigmoidCrossEntropy()),
                logits(LossModel.sigmoidCrossEntropy(weights)),
                logits(classWeights.given(Y)),
                new Case(LossModel.unnormalizedSoftmaxCrossEntropy().given(counts), F, counts, true),
                new Case(LossModel.softmaxDivergence().given(counts), F, counts, true),
                logits(LossModel.softmaxCrossEntropy().weighted(perSample)),
                logits(classWeights.weighted(perSample).given(Y)),
                logits(LossModel.sigmoidCrossEntropy(weights).weighted(perOutput)),
                logits(LossModel.squaredError(2).weighted(perOutput)),
                logits(LossModel.atEachPosition(LossModel.squaredError(2), 2)),
                logits(LossModel.atEachPosition(LossModel.unnormalizedSoftmaxCrossEntropy(), 2)
                        .given(Y)),
                logits(LossModel.atEachPosition(LossModel.sigmoidCrossEntropy(), 2)
                        .weighted(perOutput)),
                logits(LossModel.atEachPosition(LossModel.unnormalizedSoftmaxCrossEntropy(), 2)
                        .forMinibatch(Y, positionWeights())),
                logits(LossModel.sum(
                                List.of(LossModel.unnormalizedSoftmaxCrossEntropy(), LossModel.squaredError(0.5)), 3, 1)
                        .given(Y)),
                logits(LossModel.sum(
                                List.of(
                                        LossModel.sigmoidCrossEntropy(),
                                        LossModel.atEachPosition(LossModel.squaredError(2), 1)),
                                1,
                                0)
                        .weighted(perOutput)),
                new Case(
                        LossModel.sum(
                                        List.of(
                                                LossModel.empirical(
                                                        new LossMSLE(), Activation.SIGMOID.getActivationFunction()),
                                                LossModel.absoluteError(1, null)),
                                        2,
                                        2)
                                .given(Y),
                        F,
                        Y,
                        false),
                new Case(LossModel.squaredHinge().given(SIGNS), F, SIGNS, true),
                new Case(LossModel.hinge().given(SIGNS), F, SIGNS, false),
                new Case(LossModel.absoluteError(0.5, null).given(Y), F, Y, false),
                new Case(LossModel.absoluteError(1, weights).given(Y), F, Y, false),
                new Case(LossModel.poisson(), positive, counts, false),
                new Case(LossModel.probabilityCrossEntropy(weights, false), positive, Y, false),
                new Case(LossModel.probabilityCrossEntropy(null, true), positive, Y, false),
                new Case(LossModel.bernoulli(weights, 1e-5), probabilities, Y, false),
                new Case(
                        LossModel.empirical(new LossMSE(), Activation.TANH.getActivationFunction())
                                .given(Y),
                        F,
                        Y,
                        false),
                new Case(
                        LossModel.atEachPosition(
                                        LossModel.empirical(new LossMSLE(), Activation.SIGMOID.getActivationFunction()),
                                        2)
                                .given(Y),
                        F,
                        Y,
                        false));
    }

    /** Two classes at two positions: outputs 0 and 2 are those of the first position. */
    private static INDArray positionWeights() {
        INDArray weights = Nd4j.ones(DataType.DOUBLE, SAMPLES, OUTPUTS);
        weights.putScalar(0, 0, 0.5).putScalar(0, 2, 0.5);
        weights.putScalar(3, 1, 0).putScalar(3, 3, 0);
        return weights;
    }

    private static Case logits(LossModel model) {
        return new Case(model, F, Y, true);
    }

    private static INDArray softmax(INDArray x) {
        INDArray e = Transforms.exp(x, true);
        return e.divColumnVector(e.sum(true, 1));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void residualIsTheDerivativeOfTheLoss(Case c) {
        double h = 1e-6;
        double up = c.model().at(c.f().add(D.mul(h))).meanLoss(c.y());
        double down = c.model().at(c.f().sub(D.mul(h))).meanLoss(c.y());
        double slope = c.metric().residual(c.y()).mul(D).sumNumber().doubleValue() / SAMPLES;
        assertThat((up - down) / (2 * h)).isCloseTo(slope, offset(FINITE_DIFFERENCE * Math.max(1, Math.abs(slope))));
    }

    @ParameterizedTest
    @MethodSource("secondDerivatives")
    void metricIsTheDerivativeOfTheResidual(Case c) {
        double h = 1e-6;
        INDArray up = c.model().at(c.f().add(D.mul(h))).residual(c.y());
        INDArray down = c.model().at(c.f().sub(D.mul(h))).residual(c.y());
        assertThat(relativeError(c.metric().times(D), up.sub(down).div(2 * h))).isLessThan(FINITE_DIFFERENCE);
    }

    static Stream<Case> secondDerivatives() {
        return cases().filter(Case::secondDerivative);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rootAndWhitenedResidual(Case c) {
        OutputMetric metric = c.metric();
        INDArray columns = metric.rootColumns();
        INDArray q = metric.whitenedResidual(c.y());
        INDArray residual = metric.residual(c.y());
        INDArray product = metric.times(D);
        INDArray projected = metric.rootTransposeTimes(D);
        for (int n = 0; n < SAMPLES; n++) {
            // rows are columns of S: Sᵀ
            INDArray transpose = columns.get(NDArrayIndex.all(), NDArrayIndex.point(n), NDArrayIndex.all())
                    .dup()
                    .reshape(columns.size(0), OUTPUTS);
            INDArray s = transpose.transpose();
            INDArray dn = D.getRow(n, true).transpose();
            assertClose(s.mmul(transpose).mmul(dn), product.getRow(n));
            assertClose(transpose.mmul(dn), projected.getRow(n));
            assertClose(s.mmul(q.getRow(n, true).transpose()), residual.getRow(n));
        }
    }

    /** Samples without weight have zeros, of which there is no relative error. */
    private static void assertClose(INDArray actual, INDArray expected) {
        INDArray flat = actual.dup('c').reshape(actual.length());
        double scale = Math.max(1, expected.norm2Number().doubleValue());
        assertThat(flat.distance2(expected.dup('c').reshape(expected.length()))).isLessThan(TEST_F64 * scale);
    }

    @ParameterizedTest
    @MethodSource("saturating")
    void saturatedLogitsStayFinite(LossModel model) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            INDArray logits = Nd4j.createFromArray(new double[][] {{60, -60, 0, 30}, {-100, 100, 3, -3}})
                    .castTo(type);
            INDArray labels = Nd4j.createFromArray(new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0}})
                    .castTo(type);
            OutputMetric metric = model.given(labels).at(logits);
            for (INDArray array : new INDArray[] {
                metric.residual(labels), metric.whitenedResidual(labels), metric.rootColumns(), metric.times(labels)
            }) {
                assertThat(array.isNaN().any()).isFalse();
                assertThat(array.isInfinite().any()).isFalse();
            }
            assertThat(metric.meanLoss(labels)).isFinite();
        }
    }

    static Stream<LossModel> saturating() {
        INDArray weights = Nd4j.createFromArray(0.5, 1.0, 2.0, 3.0);
        return Stream.of(
                LossModel.squaredError(2),
                LossModel.squaredError(0.5, weights),
                LossModel.softmaxCrossEntropy(),
                LossModel.weightedSoftmaxCrossEntropy(weights),
                LossModel.unnormalizedSoftmaxCrossEntropy(),
                LossModel.softmaxDivergence(),
                LossModel.sigmoidCrossEntropy(),
                LossModel.sigmoidCrossEntropy(weights),
                LossModel.absoluteError(1, null),
                LossModel.hinge(),
                LossModel.squaredHinge(),
                LossModel.bernoulli(null, 1e-5),
                LossModel.atEachPosition(LossModel.sigmoidCrossEntropy(), 2));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void drawsHaveTheMetricAsCovariance(Case c) {
        OutputMetric metric = c.metric();
        Random random = new Random(4);
        int draws = 2_000;
        INDArray second = Nd4j.zeros(DataType.DOUBLE, SAMPLES, OUTPUTS);
        INDArray mean = Nd4j.zeros(DataType.DOUBLE, SAMPLES, OUTPUTS);
        for (int i = 0; i < draws; i++) {
            INDArray drawn = metric.sample(random);
            mean.addi(drawn);
            // E[c (cᵀd)] = H d
            second.addi(drawn.mul(drawn.mul(D).sum(true, 1)));
        }
        INDArray expected = metric.times(D);
        assertThat(relativeError(second.divi(draws), expected)).isLessThan(0.2);
        double deviation = Math.sqrt(
                metric.rootColumns().mul(metric.rootColumns()).sumNumber().doubleValue());
        assertThat(mean.divi(draws).norm2Number().doubleValue()).isLessThan(0.05 * deviation);
    }

    /** A quadratic with the loss's value and slope at f and the curvature H lies above the loss wherever one looks. */
    @ParameterizedTest
    @MethodSource("majorised")
    void reweightedLeastSquaresLieAboveTheLoss(Case c) {
        OutputMetric metric = c.metric();
        INDArray r = metric.residual(c.y());
        Random random = new Random(6);
        for (int i = 0; i < 200; i++) {
            INDArray move = normal(random, i % 5, DataType.DOUBLE, SAMPLES, OUTPUTS);
            double quadratic = metric.meanLoss(c.y())
                    + r.mul(move)
                                    .addi(metric.times(move).mul(move).muli(0.5))
                                    .sumNumber()
                                    .doubleValue()
                            / SAMPLES;
            double floor = 0.5
                    * OUTPUTS
                    * 0.1
                    * Transforms.abs(c.f().sub(c.y()), true).meanNumber().doubleValue();
            assertThat(c.model().given(c.y()).at(c.f().add(move)).meanLoss(c.y()))
                    .isLessThan(quadratic + floor);
        }
    }

    static Stream<Case> majorised() {
        return Stream.of(
                new Case(LossModel.absoluteError(1, null).given(Y), F, Y, false),
                new Case(LossModel.hinge().given(SIGNS), F, SIGNS, false));
    }

    /** Behind a softmax, cross-entropy of probabilities has the metric of the logits. */
    @Test
    void probabilitiesOfASoftmaxHaveTheMetricOfTheirLogits() {
        INDArray p = softmax(F);
        // the softmax's jvp and vjp
        INDArray pushed = D.sub(p.mul(D).sum(true, 1)).muli(p);
        INDArray back = LossModel.probabilityCrossEntropy(null, false).at(p).times(pushed);
        INDArray pulled = back.sub(p.mul(back).sum(true, 1)).muli(p);
        assertThat(relativeError(pulled, LossModel.softmaxCrossEntropy().at(F).times(D)))
                .isLessThan(TEST_F64);
    }

    /** Of two losses whose outputs vary in number only labels of each say how many it has. */
    @Test
    void sumsSayWhatTheyNeed() {
        LossModel pixels = LossModel.atEachPosition(LossModel.squaredError(2), 1);
        LossModel sum = LossModel.sum(List.of(pixels, pixels), 0, 0);
        assertThat(sum.dependsOnLabels()).isTrue();
        assertThatThrownBy(() -> sum.at(F)).hasMessageContaining("give the labels");
        assertThatThrownBy(() -> LossModel.sum(List.of(pixels, pixels), 2, 3).at(F))
                .hasMessageContaining("Expected 5 outputs");
        assertThatThrownBy(() -> LossModel.sum(List.of(pixels), 2, 2)).hasMessageContaining("for each loss");
        LossModel one = LossModel.sum(List.of(LossModel.softmaxCrossEntropy(), pixels), 3, 0);
        assertThat(one.dependsOnLabels()).isFalse();
        assertThat(one.rank(OUTPUTS)).isEqualTo(3);
    }

    /** A weight of 2 is the sample twice, and one of 0 is none, but for N. */
    @Test
    void weightsAreRepetitions() {
        INDArray weights = Nd4j.ones(DataType.DOUBLE, SAMPLES, OUTPUTS);
        weights.getRow(1).assign(2);
        weights.getRow(4).assign(0);
        INDArray twice = Nd4j.vstack(F.getRows(0, 1, 1, 2, 3));
        INDArray labels = Nd4j.vstack(Y.getRows(0, 1, 1, 2, 3));
        OutputMetric weighted =
                LossModel.softmaxCrossEntropy().weighted(weights).at(F);
        assertThat(weighted.meanLoss(Y))
                .isCloseTo(LossModel.softmaxCrossEntropy().at(twice).meanLoss(labels), offset(TEST_F64));
        assertThat(LossModel.softmaxCrossEntropy().weighted(Nd4j.ones(DataType.DOUBLE, SAMPLES, OUTPUTS)))
                .isExactlyInstanceOf(LossModel.softmaxCrossEntropy().getClass());
    }

    @Test
    void labelsWithoutWeightAreNotChecked() {
        INDArray padded = Y.dup();
        padded.getRow(2).assign(0);
        INDArray weights = Nd4j.ones(DataType.DOUBLE, SAMPLES, OUTPUTS);
        weights.getRow(2).assign(0);
        LossModel.softmaxCrossEntropy().weighted(weights).checkLabels(padded);
        assertThatThrownBy(() -> LossModel.softmaxCrossEntropy().checkLabels(padded))
                .hasMessageContaining("sample 2");
    }

    @Test
    void weightsThatNoLossHas() {
        INDArray weights = Nd4j.ones(DataType.DOUBLE, SAMPLES, OUTPUTS);
        weights.putScalar(0, 1, 0.5);
        assertThatThrownBy(() -> LossModel.softmaxCrossEntropy().weighted(weights))
                .hasMessageContaining("outputs one by one");
        assertThatThrownBy(() -> LossModel.squaredError(1).weighted(weights.neg()))
                .hasMessageContaining("not negative");
        assertThatThrownBy(() -> LossModel.weightedSoftmaxCrossEntropy(Nd4j.createFromArray(1.0, 2.0, 3.0, 4.0))
                        .at(F))
                .hasMessageContaining("labels");
    }

    /** DL4J's F-measure couples samples. */
    @Test
    void anEmpiricalLossIsASumOverSamples() {
        LossModel measure = LossModel.empirical(new LossFMeasure(), Activation.SIGMOID.getActivationFunction());
        INDArray one = Y.getColumn(0).reshape(SAMPLES, 1).gt(0.2).castTo(DataType.DOUBLE);
        assertThatThrownBy(() -> measure.given(one).at(F.getColumn(0).dup().reshape(SAMPLES, 1)))
                .hasMessageContaining("not a sum over samples");
    }

    @Test
    void labelsAreChecked() {
        INDArray two = Nd4j.createFromArray(new double[][] {{1, 0, 0, 0}, {1, 1, 0, 0}});
        assertThatThrownBy(() -> LossModel.softmaxCrossEntropy().checkLabels(two))
                .hasMessageContaining("sample 1")
                .hasMessageContaining("2.0");
        LossModel.sigmoidCrossEntropy().checkLabels(two);
        assertThatThrownBy(() -> LossModel.sigmoidCrossEntropy().checkLabels(two.mul(2)))
                .hasMessageContaining("[0, 1]");
    }

    @Test
    void drawsNeedAGenerator() {
        OutputMetric metric = LossModel.halfSquaredError().at(F);
        assertThatThrownBy(() -> OutputRoot.of(FisherType.MONTE_CARLO, metric, Y, 2, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a random generator");
    }
}
