package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Jacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.TestNetworks;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * J Jᵀ in one piece beside the vjp and the jvp that it is made of, of all blocks and of each alone; and the columns of
 * J that belong to a block beside J itself.
 */
class EmpiricalKernelTest {

    private static final double TEST_F64 = 1e-11;

    static Stream<TestNetworks.Case> denseNetworks() {
        return TestNetworks.grid();
    }

    static Stream<ImageNetworks.Case> imageNetworks() {
        return ImageNetworks.grid();
    }

    @ParameterizedTest
    @MethodSource("denseNetworks")
    void ofDenseNetworks(TestNetworks.Case c) {
        LinearizedNetwork network = LinearizedNetwork.of(c.network());
        check(network.blocks(), network.at(c.input()));
    }

    @ParameterizedTest
    @MethodSource("imageNetworks")
    void ofImageNetworks(ImageNetworks.Case c) {
        LinearizedNetwork network = LiveModel.of(c.model().model()).compile(BatchStatistics.COUPLED);
        check(network.blocks(), network.at(c.input()));
    }

    private static void check(List<ParameterBlock> blocks, Linearization at) {
        INDArray u = normal(new Random(3), 1, DataType.DOUBLE, at.outputs().shape());
        check(at, blocks, u);
        for (ParameterBlock block : blocks) {
            check(at, List.of(block), u);
        }
    }

    private static void check(Linearization at, List<ParameterBlock> blocks, INDArray u) {
        INDArray gradient = at.vjp(u);
        INDArray own = Nd4j.zerosLike(gradient);
        blocks.forEach(block -> block.write(block.read(gradient), own));
        INDArray expected = at.jvp(own);
        Jacobian columns = at.columns(blocks);
        assertThat(columns.vjp(u).distance2(own))
                .isLessThanOrEqualTo(TEST_F64 * own.norm2Number().doubleValue());
        INDArray tangent = normal(new Random(4), 1, DataType.DOUBLE, gradient.shape());
        INDArray there = Nd4j.zerosLike(tangent);
        blocks.forEach(block -> block.write(block.read(tangent), there));
        INDArray moved = at.jvp(there);
        assertThat(columns.jvp(tangent).distance2(moved))
                .isLessThanOrEqualTo(TEST_F64 * moved.norm2Number().doubleValue());
        EmpiricalKernel kernel = at.kernel(blocks);
        for (int product = 0; product < 2; product++) {
            INDArray actual = kernel.times(u);
            assertThat(actual.shape()).isEqualTo(expected.shape());
            if (expected.norm2Number().doubleValue() > 0) {
                assertThat(relativeError(actual, expected))
                        .as("blocks %s, product %d", blocks, product)
                        .isLessThan(TEST_F64);
            } else {
                assertThat(actual.norm2Number().doubleValue()).isZero();
            }
        }
    }
}
