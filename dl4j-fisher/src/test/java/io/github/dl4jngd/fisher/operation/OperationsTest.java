package io.github.dl4jngd.fisher.operation;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** What may be absent, and what not. */
class OperationsTest {

    @Test
    void gammaAndBetaAreLockedTogether() {
        ParameterSlice slice = new ParameterSlice("gamma", 0, List.of(1L, 3L), 'c');
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Operations.BatchScale(slice, null, 1, 0))
                .withMessageContaining("only β is locked");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Operations.BatchScale(null, slice, 1, 0))
                .withMessageContaining("only γ is locked");
    }

    @Test
    void runningStatisticsNeedAVariance() {
        ParameterSlice mean = new ParameterSlice("mean", 0, List.of(1L, 3L), 'c');
        Operation operation = Operations.batchNormalization(
                "normalisation",
                3,
                new Operations.BatchScale(null, null, 1, 0),
                new Operations.RunningStatistics(mean, null, null, 0.9),
                1e-5,
                BatchStatistics.RUNNING,
                false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operation.linearize(Nd4j.ones(DataType.DOUBLE, 2, 3), Nd4j.ones(DataType.DOUBLE, 3)))
                .withMessageContaining("Layer normalisation: running statistics need the variance");
    }

    @ParameterizedTest
    @EnumSource(Operations.Combination.class)
    void aJunctionThatNothingMovesHasNoTangent(Operations.Combination combination) {
        Junction.Linearized at = Operations.combine("vertex", combination)
                .linearize(List.of(Nd4j.ones(DataType.DOUBLE, 2, 3), Nd4j.ones(DataType.DOUBLE, 2, 3)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> at.jvp(Arrays.asList(null, null)))
                .withMessageContaining("at least one input of a junction must move");
    }
}
