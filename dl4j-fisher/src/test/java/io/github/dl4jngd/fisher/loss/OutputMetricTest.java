package io.github.dl4jngd.fisher.loss;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

class OutputMetricTest {

    private static final double TEST_F64 = 1e-12;
    private static final double FINITE_DIFFERENCE = 1e-7;
    private static final int SAMPLES = 5;
    private static final int OUTPUTS = 4;

    static Stream<LossModel> models() {
        INDArray weights = Nd4j.createFromArray(0.5, 1.0, 2.0, 3.0);
        return Stream.of(
                LossModel.squaredError(2),
                LossModel.halfSquaredError(),
                LossModel.squaredError(0.5, weights),
                LossModel.softmaxCrossEntropy(),
                LossModel.sigmoidCrossEntropy(),
                LossModel.sigmoidCrossEntropy(weights));
    }

    private final INDArray f = normal(new Random(1), 2, DataType.DOUBLE, SAMPLES, OUTPUTS);
    private final INDArray d = normal(new Random(2), 1, DataType.DOUBLE, SAMPLES, OUTPUTS);

    /** Soft labels that suit every model. */
    private final INDArray y = softmax(normal(new Random(3), 1, DataType.DOUBLE, SAMPLES, OUTPUTS));

    private static INDArray softmax(INDArray x) {
        INDArray e = Transforms.exp(x, true);
        return e.divColumnVector(e.sum(true, 1));
    }

    @ParameterizedTest
    @MethodSource("models")
    void residualIsTheDerivativeOfTheLoss(LossModel model) {
        double h = 1e-6;
        double up = model.at(f.add(d.mul(h))).meanLoss(y);
        double down = model.at(f.sub(d.mul(h))).meanLoss(y);
        double slope = model.at(f).residual(y).mul(d).sumNumber().doubleValue() / SAMPLES;
        assertThat((up - down) / (2 * h)).isCloseTo(slope, org.assertj.core.data.Offset.offset(FINITE_DIFFERENCE));
    }

    @ParameterizedTest
    @MethodSource("models")
    void metricIsTheDerivativeOfTheResidual(LossModel model) {
        double h = 1e-6;
        INDArray up = model.at(f.add(d.mul(h))).residual(y);
        INDArray down = model.at(f.sub(d.mul(h))).residual(y);
        assertThat(relativeError(model.at(f).times(d), up.sub(down).div(2 * h))).isLessThan(FINITE_DIFFERENCE);
    }

    @ParameterizedTest
    @MethodSource("models")
    void rootAndWhitenedResidual(LossModel model) {
        OutputMetric metric = model.at(f);
        INDArray columns = metric.rootColumns();
        INDArray q = metric.whitenedResidual(y);
        INDArray residual = metric.residual(y);
        INDArray product = metric.times(d);
        INDArray projected = metric.rootTransposeTimes(d);
        for (int n = 0; n < SAMPLES; n++) {
            // rows are columns of S: Sᵀ
            INDArray transpose = columns.get(NDArrayIndex.all(), NDArrayIndex.point(n), NDArrayIndex.all())
                    .dup();
            INDArray s = transpose.transpose();
            INDArray dn = d.getRow(n, true).transpose();
            assertThat(relativeError(s.mmul(transpose).mmul(dn), product.getRow(n)))
                    .isLessThan(TEST_F64);
            assertThat(relativeError(transpose.mmul(dn), projected.getRow(n))).isLessThan(TEST_F64);
            assertThat(relativeError(s.mmul(q.getRow(n, true).transpose()), residual.getRow(n)))
                    .isLessThan(TEST_F64);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void saturatedLogitsStayFinite(LossModel model) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            INDArray logits = Nd4j.createFromArray(new double[][] {{60, -60, 0, 30}, {-100, 100, 3, -3}})
                    .castTo(type);
            INDArray labels = Nd4j.createFromArray(new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0}})
                    .castTo(type);
            OutputMetric metric = model.at(logits);
            for (INDArray array : new INDArray[] {
                metric.residual(labels), metric.whitenedResidual(labels), metric.rootColumns(), metric.times(labels)
            }) {
                assertThat(array.isNaN().any()).isFalse();
                assertThat(array.isInfinite().any()).isFalse();
            }
            assertThat(metric.meanLoss(labels)).isFinite();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void drawsHaveTheMetricAsCovariance(LossModel model) {
        OutputMetric metric = model.at(f);
        Random random = new Random(4);
        int draws = 3_000;
        INDArray second = Nd4j.zeros(DataType.DOUBLE, SAMPLES, OUTPUTS);
        INDArray mean = Nd4j.zeros(DataType.DOUBLE, SAMPLES, OUTPUTS);
        for (int i = 0; i < draws; i++) {
            INDArray c = metric.sample(random);
            mean.addi(c);
            // E[c (cᵀd)] = H d
            second.addi(c.mul(c.mul(d).sum(true, 1)));
        }
        assertThat(relativeError(second.divi(draws), metric.times(d))).isLessThan(0.15);
        assertThat(mean.divi(draws).amaxNumber().doubleValue()).isLessThan(0.15);
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
        OutputMetric metric = LossModel.halfSquaredError().at(f);
        assertThatThrownBy(() -> OutputRoot.of(FisherType.MONTE_CARLO, metric, y, 2, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a random generator");
    }
}
