package io.github.dl4jngd.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ExactEqualityTest {

    @Test
    void arraysAreEqualToTheLastBit() {
        INDArray array = Nd4j.createFromArray(1.0, 2.0, 0.0);
        assertThat(array.dup()).isEqualTo(array);
        assertThat(Nd4j.createFromArray(1.0, Math.nextUp(2.0), 0.0)).isNotEqualTo(array);
        assertThat(Nd4j.createFromArray(1f, Math.nextUp(2f))).isNotEqualTo(Nd4j.createFromArray(1f, 2f));
        assertThat(Nd4j.scalar(3.0)).isEqualTo(Nd4j.scalar(3.0)).isNotEqualTo(Nd4j.scalar(Math.nextUp(3.0)));
    }
}
