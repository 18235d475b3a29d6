package io.github.dl4jngd.fisher.jacobian;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.UnitWiseFisher;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.inverse.InvertMatrix;

/** An embedding's rows and factors against those of a dense layer whose inputs are unit vectors, in float64. */
class EmbeddingJacobianTest {

    private static final double TEST_F64 = 1e-10;
    private static final int SAMPLES = 4;
    private static final int POSITIONS = 3;
    private static final int UNITS = 2;
    private static final int COTANGENTS = 2;
    private static final double DAMPING = 0.07;

    /** Words and positions, with a bias or without, samples coupled or not. */
    static Stream<Arguments> settings() {
        return Stream.of(5, 40).flatMap(words -> Stream.of(true, false)
                .flatMap(bias -> Stream.of(true, false).map(coupled -> Arguments.of(words, bias, coupled))));
    }

    private static ParameterBlock block(int words, boolean bias) {
        ParameterBlock block = ParameterBlock.of("words", 0, words, UNITS).ofWords();
        return bias ? block.withBias((long) words * UNITS) : block;
    }

    private static int[] words(int vocabulary) {
        Random random = new Random(3);
        return random.ints((long) SAMPLES * POSITIONS, 0, vocabulary).toArray();
    }

    private static INDArray cotangents() {
        return normal(new Random(4), 1, DataType.DOUBLE, COTANGENTS, SAMPLES, POSITIONS, UNITS);
    }

    private static EmbeddingJacobian embedding(int words, boolean bias, boolean coupled) {
        return new EmbeddingJacobian(block(words, bias), words(words), cotangents(), null, coupled);
    }

    /** The same rows with unit vectors as patches. */
    private static WeightSharedJacobian unitVectors(int vocabulary, boolean bias, boolean coupled) {
        ParameterBlock block = block(vocabulary, bias);
        INDArray patches = Nd4j.create(DataType.DOUBLE, SAMPLES, block.inputs(), POSITIONS);
        int[] words = words(vocabulary);
        for (int i = 0; i < words.length; i++) {
            patches.putScalar(new int[] {i / POSITIONS, words[i], i % POSITIONS}, 1);
            if (bias) {
                patches.putScalar(new int[] {i / POSITIONS, vocabulary, i % POSITIONS}, 1);
            }
        }
        INDArray deltas = cotangents().permute(0, 1, 3, 2).dup('c');
        return new WeightSharedJacobian(block, new GivenPatches(patches), deltas, coupled);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void rowsAreThoseOfUnitVectors(int words, boolean bias, boolean coupled) {
        EmbeddingJacobian embedding = embedding(words, bias, coupled);
        WeightSharedJacobian expected = unitVectors(words, bias, coupled);
        INDArray q = normal(new Random(5), 1, DataType.DOUBLE, embedding.rows());
        INDArray v = normal(new Random(6), 1, DataType.DOUBLE, embedding.block().inputs(), UNITS);
        assertThat(embedding.rows()).isEqualTo(expected.rows());
        assertThat(relativeError(embedding.toDense(), expected.toDense())).isLessThan(TEST_F64);
        assertThat(relativeError(embedding.gram(DataType.DOUBLE), expected.gram(DataType.DOUBLE)))
                .isLessThan(TEST_F64);
        assertThat(relativeError(embedding.transposeTimes(q), expected.transposeTimes(q)))
                .isLessThan(TEST_F64);
        assertThat(relativeError(embedding.times(v), expected.times(v))).isLessThan(TEST_F64);
        assertThat(embedding.squaredNorm()).isCloseTo(expected.squaredNorm(), offset(1e-9));
        assertThat(relativeError(
                        embedding.firstSamples(2).toDense(),
                        expected.firstSamples(2).toDense()))
                .isLessThan(TEST_F64);
        assertThat(relativeError(
                        embedding.joined(2).toDense(), expected.joined(2).toDense()))
                .isLessThan(TEST_F64);
        assertThat(relativeError(
                        embedding.castTo(DataType.FLOAT).toDense().castTo(DataType.DOUBLE), expected.toDense()))
                .isLessThan(1e-6);
        for (long unit = 0; unit < UNITS; unit++) {
            INDArray own = embedding.unit(unit);
            assertThat(own.mmul(embedding.gather(v).getColumn(unit, true)).reshape(embedding.rows()))
                    .satisfies(ignored -> assertThat(own.rows()).isEqualTo((int) embedding.rows()));
        }
        assertThat(relativeError(
                        embedding.spread(embedding.gather(v)).mul(v), embedding.spread(embedding.gather(v.mul(v)))))
                .isLessThan(TEST_F64);
    }

    /** A's diagonal, and all of A where no bias is left out; G; the second moments in G's basis. */
    @ParameterizedTest
    @MethodSource("settings")
    void factorsAreThoseOfUnitVectors(int words, boolean bias, boolean coupled) {
        EmbeddingJacobian embedding = embedding(words, bias, coupled);
        WeightSharedJacobian expected = unitVectors(words, bias, coupled);
        for (WeightSharing sharing : WeightSharing.values()) {
            INDArray a = expected.inputFactor(sharing);
            INDArray diagonal = Nd4j.diag(a).reshape('c', a.size(0), 1);
            assertThat(relativeError(embedding.inputDiagonal(sharing), diagonal))
                    .isLessThan(TEST_F64);
            if (!bias && sharing == WeightSharing.EXPAND) {
                assertThat(relativeError(embedding.inputFactor(sharing), a)).isLessThan(TEST_F64);
            }
            assertThat(relativeError(embedding.outputFactor(sharing), expected.outputFactor(sharing)))
                    .isLessThan(TEST_F64);
        }
        INDArray basis = Nd4j.createFromArray(new double[][] {{0.6, 0.8}, {-0.8, 0.6}});
        INDArray identity = Nd4j.eye(embedding.block().inputs()).castTo(DataType.DOUBLE);
        assertThat(relativeError(
                        embedding.secondMoments(List.of(), basis), expected.secondMoments(List.of(identity), basis)))
                .isLessThan(TEST_F64);
    }

    private static FisherRoot root(LayerJacobian layer) {
        INDArray q = normal(new Random(8), 1, DataType.DOUBLE, COTANGENTS, SAMPLES);
        return new FisherRoot(List.of(layer), SAMPLES, COTANGENTS, layer.parameters(), q);
    }

    /** (diag(A) ⊗ G + ρ)⁻¹ with K-FAC's damping of the factors, from explicit matrices. */
    @ParameterizedTest
    @MethodSource("settings")
    void kfacIsTheDefinition(int words, boolean bias, boolean coupled) {
        if (coupled) {
            return;
        }
        EmbeddingJacobian embedding = embedding(words, bias, false);
        WeightSharedJacobian expected = unitVectors(words, bias, false);
        INDArray a = Nd4j.diag(expected.inputFactor(WeightSharing.EXPAND));
        INDArray g = expected.outputFactor(WeightSharing.EXPAND);
        double pi = Math.sqrt(
                a.meanNumber().doubleValue() / (Nd4j.diag(g).sumNumber().doubleValue() / UNITS));
        INDArray inverse = InvertMatrix.invert(
                g.add(Nd4j.eye(UNITS).castTo(DataType.DOUBLE).mul(Math.sqrt(DAMPING) / pi)), false);
        INDArray other = normal(new Random(9), 1, DataType.DOUBLE, embedding.parameters());
        INDArray matrix = embedding.block().read(other);
        INDArray solution = matrix.divColumnVector(
                        a.add(pi * Math.sqrt(DAMPING)).reshape('c', a.length(), 1))
                .mmul(inverse);
        try (KroneckerFisher fisher = new KroneckerFisher(LinearAlgebra.best(), KroneckerFisher.Options.exact())) {
            fisher.observe(root(embedding));
            INDArray v = fisher.solve(other, Damping.absolute(DAMPING)).vector();
            assertThat(relativeError(embedding.block().read(v), solution)).isLessThan(TEST_F64);
        }
    }

    /** In the primal for few words, in the dual for many. */
    @ParameterizedTest
    @MethodSource("settings")
    void unitsAreThoseOfUnitVectors(int words, boolean bias, boolean coupled) {
        if (coupled) {
            return;
        }
        UnitWiseFisher ours = new UnitWiseFisher(LinearAlgebra.best());
        UnitWiseFisher expected = new UnitWiseFisher(LinearAlgebra.best());
        ours.observe(root(embedding(words, bias, false)));
        expected.observe(root(unitVectors(words, bias, false)));
        for (Damping damping : List.of(Damping.absolute(DAMPING), Damping.relative(DAMPING))) {
            assertThat(relativeError(
                            ours.naturalGradient(damping).vector(),
                            expected.naturalGradient(damping).vector()))
                    .isLessThan(1e-9);
        }
        INDArray other =
                normal(new Random(9), 1, DataType.DOUBLE, block(words, bias).parameters());
        assertThat(relativeError(
                        ours.solve(other, Damping.absolute(DAMPING)).vector(),
                        expected.solve(other, Damping.absolute(DAMPING)).vector()))
                .isLessThan(1e-9);
    }

    @Test
    void theBasisOfWordsIsNotGiven() {
        EmbeddingJacobian embedding = embedding(5, false, false);
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> embedding.secondMoments(List.of(Nd4j.eye(5)), Nd4j.eye(UNITS)))
                .withMessageContaining("unit vectors");
    }
}
