package io.github.dl4jngd.cli.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class CoefficientsTest {

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void readsWhatNd4jWrites(DataType type) throws IOException {
        INDArray numbers = Nd4j.linspace(type, -1, 0.3, 7);
        for (INDArray vector : List.of(numbers, numbers.reshape('c', 1, 7), numbers.reshape('f', 1, 7))) {
            INDArray read = Coefficients.decode(written(vector));
            assertThat(read.dataType()).isEqualTo(type);
            assertThat(read).isEqualTo(vector);
        }
    }

    @Test
    void refusesOtherArrays() throws IOException {
        byte[] sound = written(Nd4j.create(DataType.FLOAT, 1, 7));
        assertRefused(written(Nd4j.create(DataType.FLOAT, 7, 2)), "expected one row, found 7 rows");
        assertRefused(written(Nd4j.create(DataType.FLOAT, 1, 7, 1)), "vector or matrix, 6 or 8 numbers, found 10");
        assertRefused(
                written(Nd4j.create(DataType.INT32, 1, 7)), "expected elements of type FLOAT or DOUBLE, found INT");
        assertRefused(Arrays.copyOf(sound, sound.length - 1), "expected 7 elements of 4 bytes, found 27");
        assertRefused(Arrays.copyOf(sound, sound.length + 1), "expected 7 elements of 4 bytes, found 29");
        assertRefused(Arrays.copyOf(sound, 30), "they end within their header, after 30 bytes");
        assertRefused(new byte[] {0, 1, 'x'}, "expected a buffer of ND4J's, found 'x'");
    }

    private static void assertRefused(byte[] bytes, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Coefficients.decode(bytes))
                .withMessageContaining(message);
    }

    private static byte[] written(INDArray array) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Nd4j.write(array, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }
}
