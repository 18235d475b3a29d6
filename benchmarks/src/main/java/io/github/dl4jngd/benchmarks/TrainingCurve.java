package io.github.dl4jngd.benchmarks;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * What {@code ngd train} measured along one method's training.
 *
 * @param points in the order of the steps
 */
record TrainingCurve(List<Point> points) {

    /**
     * One evaluation.
     *
     * @param seconds of training so far
     * @param testLoss on the test set
     * @param testFit accuracy, or for autoencoders the squared error
     */
    record Point(double seconds, double testLoss, double testFit) {}

    static TrainingCurve read(Path csv) throws IOException {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(csv)) {
            return new TrainingCurve(reader.stream().map(TrainingCurve::point).toList());
        }
    }

    private static Point point(NamedCsvRecord row) {
        String fit = row.findField("test_accuracy").orElseGet(() -> row.getField("test_squared_error"));
        return new Point(number(row.getField("seconds")), number(row.getField("test_loss")), number(fit));
    }

    private static double number(String text) {
        return Double.parseDouble(text);
    }

    Point end() {
        return points.get(points.size() - 1);
    }

    OptionalDouble secondsTo(Predicate<Point> result) {
        return points.stream().filter(result).mapToDouble(Point::seconds).findFirst();
    }
}
