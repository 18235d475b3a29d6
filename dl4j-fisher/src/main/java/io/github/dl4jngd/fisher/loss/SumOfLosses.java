package io.github.dl4jngd.fisher.loss;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The sum of several losses, each of columns of its own: r is theirs side by side, H and S are block diagonal.
 *
 * <p>The models behind the losses are independent given the outputs, so that draws from them are, too.
 */
final class SumOfLosses implements LossModel {

    private final List<LossModel> losses;
    /** How many columns each loss takes; 0 where the minibatch says it. */
    private final long[] widths;

    SumOfLosses(List<LossModel> losses, long... widths) {
        if (losses.isEmpty() || losses.size() != widths.length) {
            throw new IllegalArgumentException("Expected a number of columns for each loss, got " + losses.size()
                    + " losses and " + widths.length + " numbers");
        }
        this.losses = List.copyOf(losses);
        this.widths = widths.clone();
    }

    private long openWidths() {
        return Arrays.stream(widths).filter(width -> width == 0).count();
    }

    private long[] widths(long columns) {
        long known = Arrays.stream(widths).sum();
        long open = openWidths();
        if (open > 1) {
            throw new IllegalArgumentException("Several losses are taken at each position, and " + columns
                    + " outputs do not say how many positions each has; give the labels, which do");
        }
        if (open == 1 ? known >= columns : known != columns) {
            throw new IllegalArgumentException("Expected " + known + (open == 1 ? " and more" : "") + " outputs of "
                    + losses.size() + " losses, got " + columns);
        }
        return Arrays.stream(widths)
                .map(width -> width == 0 ? columns - known : width)
                .toArray();
    }

    /** The columns of each loss. */
    private List<INDArray> parts(INDArray matrix) {
        List<INDArray> parts = new ArrayList<>();
        long from = 0;
        for (long width : widths(matrix.size(1))) {
            parts.add(matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + width))
                    .dup('c'));
            from += width;
        }
        return parts;
    }

    @Override
    public boolean dependsOnLabels() {
        return openWidths() > 1 || losses.stream().anyMatch(LossModel::dependsOnLabels);
    }

    @Override
    public LossModel given(INDArray labels) {
        List<INDArray> parts = parts(labels);
        List<LossModel> given = new ArrayList<>();
        for (int i = 0; i < losses.size(); i++) {
            given.add(losses.get(i).given(parts.get(i)));
        }
        return new SumOfLosses(given, widths(labels.size(1)));
    }

    @Override
    public LossModel weighted(INDArray weights, @Nullable INDArray scale) {
        List<INDArray> parts = parts(weights);
        List<INDArray> scales = scale == null ? List.of() : parts(scale);
        List<LossModel> weighted = new ArrayList<>();
        for (int i = 0; i < losses.size(); i++) {
            weighted.add(losses.get(i).weighted(parts.get(i), scale == null ? null : scales.get(i)));
        }
        return new SumOfLosses(weighted, widths(weights.size(1)));
    }

    @Override
    public boolean separatesOutputs() {
        return losses.stream().allMatch(LossModel::separatesOutputs);
    }

    @Override
    public OutputMetric at(INDArray outputs) {
        List<INDArray> parts = parts(outputs);
        List<OutputMetric> metrics = new ArrayList<>();
        for (int i = 0; i < losses.size(); i++) {
            metrics.add(losses.get(i).at(parts.get(i)));
        }
        return new Metric(metrics);
    }

    @Override
    public void checkLabels(INDArray labels) {
        List<INDArray> parts = parts(labels);
        for (int i = 0; i < losses.size(); i++) {
            losses.get(i).checkLabels(parts.get(i));
        }
    }

    @Override
    public int rank(int outputs) {
        long[] own = widths(outputs);
        int rank = 0;
        for (int i = 0; i < losses.size(); i++) {
            rank += losses.get(i).rank(Math.toIntExact(own[i]));
        }
        return rank;
    }

    @Override
    public String description() {
        return "sum of losses: " + losses.stream().map(LossModel::description).collect(Collectors.joining("; "));
    }

    private final class Metric implements OutputMetric {

        private final List<OutputMetric> metrics;

        Metric(List<OutputMetric> metrics) {
            this.metrics = metrics;
        }

        /** What every loss makes of its own columns, side by side. */
        private INDArray sideBySide(INDArray matrix, BiFunction<OutputMetric, INDArray, INDArray> function) {
            List<INDArray> parts = parts(matrix);
            INDArray[] results = new INDArray[metrics.size()];
            for (int i = 0; i < results.length; i++) {
                results[i] = function.apply(metrics.get(i), parts.get(i));
            }
            return Nd4j.concat(1, results);
        }

        @Override
        public INDArray losses(INDArray labels) {
            return sideBySide(labels, OutputMetric::losses);
        }

        @Override
        public INDArray residual(INDArray labels) {
            return sideBySide(labels, OutputMetric::residual);
        }

        @Override
        public INDArray whitenedResidual(INDArray labels) {
            return sideBySide(labels, OutputMetric::whitenedResidual);
        }

        @Override
        public INDArray times(INDArray tangent) {
            return sideBySide(tangent, OutputMetric::times);
        }

        @Override
        public INDArray rootTransposeTimes(INDArray tangent) {
            return sideBySide(tangent, OutputMetric::rootTransposeTimes);
        }

        /** The columns of one loss are zero at the outputs of the others. */
        @Override
        public INDArray rootColumns() {
            List<INDArray> own = metrics.stream().map(OutputMetric::rootColumns).toList();
            long count = own.stream().mapToLong(columns -> columns.size(0)).sum();
            long outputs = own.stream().mapToLong(columns -> columns.size(2)).sum();
            INDArray all = Nd4j.create(
                    own.get(0).dataType(), new long[] {count, own.get(0).size(1), outputs}, 'c');
            long row = 0;
            long column = 0;
            for (INDArray columns : own) {
                all.get(
                                NDArrayIndex.interval(row, row + columns.size(0)),
                                NDArrayIndex.all(),
                                NDArrayIndex.interval(column, column + columns.size(2)))
                        .assign(columns);
                row += columns.size(0);
                column += columns.size(2);
            }
            return all;
        }

        @Override
        public INDArray sample(RandomGenerator random) {
            return Nd4j.concat(
                    1, metrics.stream().map(metric -> metric.sample(random)).toArray(INDArray[]::new));
        }
    }
}
