package io.github.dl4jngd.fisher.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.BinaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ProductsTest {

    private static INDArray matrix(long rows, long columns, char order, int seed) {
        INDArray array = Nd4j.create(DataType.DOUBLE, new long[] {rows, columns}, order);
        for (long i = 0; i < rows; i++) {
            for (long j = 0; j < columns; j++) {
                array.putScalar(i, j, Math.sin(seed + 3.0 * i + 1.7 * j));
            }
        }
        return array;
    }

    /** By the definition. */
    private static void check(INDArray product, INDArray a, INDArray b) {
        for (long i = 0; i < a.size(0); i++) {
            for (long j = 0; j < b.size(1); j++) {
                double sum = 0;
                for (long k = 0; k < a.size(1); k++) {
                    sum += a.getDouble(i, k) * b.getDouble(k, j);
                }
                assertThat(product.getDouble(i, j)).isCloseTo(sum, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4, 3, 5, c, c",
        "4, 3, 5, c, f",
        "4, 3, 5, f, c",
        "4, 3, 5, f, f",
        "1, 3, 5, c, f",
        "4, 1, 5, f, c",
        "4, 3, 1, c, c",
        "1, 1, 5, f, f",
        "1, 3, 1, c, f",
        "4, 1, 1, c, c",
        "1, 1, 1, f, c"
    })
    void areWhatTheyAreInAnyOrder(long m, long k, long n, char orderOfA, char orderOfB) {
        INDArray a = matrix(m, k, orderOfA, 1);
        INDArray b = matrix(k, n, orderOfB, 2);
        INDArray aTransposed = matrix(k, m, orderOfA, 1);
        INDArray bTransposed = matrix(n, k, orderOfB, 2);

        check(Products.times(a, b), a, b);
        check(Products.columnMajor(a, b), a, b);
        check(Products.timesTransposed(a, bTransposed), a, bTransposed.transpose());
        check(Products.transposedTimes(aTransposed, b), aTransposed.transpose(), b);
        INDArray sum = Products.times(a, b);
        check(Products.add(sum, a, b).div(2), a, b);
        if (m > 1 && n > 1) {
            assertThat(Products.times(a, b).ordering()).isEqualTo('c');
            assertThat(Products.transposedTimes(aTransposed, b).ordering()).isEqualTo('f');
        }
    }

    /** Parts of larger arrays, whose rows or columns have gaps between them. */
    @ParameterizedTest
    @CsvSource({"c, c", "c, f", "f, c", "f, f"})
    void takeViews(char orderOfA, char orderOfB) {
        BinaryOperator<INDArray> product = Products::times;
        INDArray a = matrix(6, 7, orderOfA, 3).get(NDArrayIndex.interval(1, 5), NDArrayIndex.interval(2, 5));
        INDArray b = matrix(5, 9, orderOfB, 4).get(NDArrayIndex.interval(1, 4), NDArrayIndex.interval(3, 8));
        check(product.apply(a, b), a, b);
        check(Products.transposedTimes(b, a.transpose()), b.transpose(), a.transpose());
    }

    @ParameterizedTest
    @CsvSource({"c, c", "c, f", "f, c", "f, f"})
    void dotProductsOfAnyShape(char orderOfX, char orderOfY) {
        INDArray x = matrix(6, 7, orderOfX, 3);
        INDArray y = matrix(6, 7, orderOfY, 4);
        double sum = 0;
        for (long i = 0; i < 6; i++) {
            for (long j = 0; j < 7; j++) {
                sum += x.getDouble(i, j) * y.getDouble(i, j);
            }
        }
        assertThat(Products.dot(x, y)).isCloseTo(sum, within(1e-12));
        assertThat(Products.dot(x.getColumn(2), y.getColumn(2)) + Products.dot(x.getRow(1), y.getRow(1)))
                .isCloseTo(
                        x.getColumn(2).mul(y.getColumn(2)).sumNumber().doubleValue()
                                + x.getRow(1).mul(y.getRow(1)).sumNumber().doubleValue(),
                        within(1e-12));
        assertThat(Products.squaredNorm(x.reshape('c', 2, 3, 7)))
                .isCloseTo(x.mul(x).sumNumber().doubleValue(), within(1e-12));
        INDArray part = x.get(NDArrayIndex.interval(1, 4), NDArrayIndex.interval(2, 5));
        assertThat(Products.squaredNorm(part))
                .isCloseTo(part.mul(part).sumNumber().doubleValue(), within(1e-12));
    }
}
