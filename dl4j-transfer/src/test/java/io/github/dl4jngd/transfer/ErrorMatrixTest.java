package io.github.dl4jngd.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ErrorMatrixTest {

    private final ErrorMatrix errors = ErrorMatrix.of(
            new double[][] {{0.9, 0.2, 0.1}, {0.7, 0.8, 0.3}, {0.75, 0.6, 0.95}}, new double[] {0.05, 0.1, 0.2});

    @Test
    void theThreeNumbersOfTheLiterature() {
        // ((0.75 − 0.9) + (0.6 − 0.8))/2
        assertThat(errors.backwardTransfer()).isCloseTo(-0.175, within(1e-15));
        // ((0.2 − 0.1) + (0.3 − 0.2))/2
        assertThat(errors.forwardTransfer()).isCloseTo(0.1, within(1e-15));
        // ((0.9 − 0.75) + (0.8 − 0.6))/2
        assertThat(errors.forgetting()).isCloseTo(0.175, within(1e-15));
        assertThat(errors.toString()).contains("task 3", "backward transfer -0.1750");
    }

    /** The best score before the last task may be one before the task itself. */
    @Test
    void forgettingIsFromTheBest() {
        ErrorMatrix lucky =
                ErrorMatrix.of(new double[][] {{0.9, 0.85, 0}, {0.7, 0.8, 0}, {0.7, 0.8, 0.9}}, new double[] {0, 0, 0});
        assertThat(lucky.forgetting()).isCloseTo((0.2 + 0.05) / 2, within(1e-15));
    }

    @Test
    void oneTaskTransfersNothing() {
        ErrorMatrix one = ErrorMatrix.of(new double[][] {{0.9}}, new double[] {0.1});
        assertThat(one.backwardTransfer()).isZero();
        assertThat(one.forwardTransfer()).isZero();
        assertThat(one.forgetting()).isZero();
        assertThatThrownBy(() -> ErrorMatrix.of(new double[][] {{1, 2}}, new double[] {1}))
                .hasMessageContaining("rows");
        assertThatThrownBy(() -> ErrorMatrix.of(new double[0][], new double[0])).hasMessageContaining("rows");
    }
}
