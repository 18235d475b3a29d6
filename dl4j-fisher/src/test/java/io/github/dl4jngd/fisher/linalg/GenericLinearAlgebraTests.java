package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What every provider promises, in one data type, with EJML in float64 as the oracle. */
abstract class GenericLinearAlgebraTests {

    /** Relative errors of well-conditioned problems up to n = 130. */
    static final double TEST_F32 = 2e-5;

    static final double TEST_F64 = 1e-13;

    private final LinearAlgebra linearAlgebra;
    private final DataType type;
    private final double tolerance;

    GenericLinearAlgebraTests(LinearAlgebra linearAlgebra, DataType type) {
        this.linearAlgebra = linearAlgebra;
        this.type = type;
        this.tolerance = type == DataType.FLOAT ? TEST_F32 : TEST_F64;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 130})
    void choleskyFactorSolvesAndInverts(int n) {
        SimpleMatrix a = positiveDefinite(n, n);
        SimpleMatrix b = gaussian(n, 5, n + 1);
        for (Layout layout : Layout.values()) {
            INDArray array = layout.of(a, type);
            INDArray rhs = layout.of(b, type);
            Cholesky cholesky = linearAlgebra.cholesky(array);
            SimpleMatrix lower = matrix(cholesky.lower());
            assertClose(lower.mult(lower.transpose()), a);
            for (int i = 0; i < n; i++) {
                for (int j = i + 1; j < n; j++) {
                    assertThat(lower.get(i, j)).isZero();
                }
            }
            INDArray x = cholesky.solve(rhs);
            assertClose(matrix(x), a.solve(b));
            assertThat(x.dataType()).isEqualTo(type);
            INDArray inverse = cholesky.inverse();
            assertClose(matrix(inverse), a.invert());
            assertThat(inverse).isEqualTo(inverse.transpose());
            assertThat(inverse.dataType()).isEqualTo(type);
            assertThat(cholesky.jitter()).isZero();
            assertThat(cholesky.lower().dataType()).isEqualTo(type);
            assertUnmodified(array, a);
            assertUnmodified(rhs, b);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 130})
    void inversesInPlace(int n) {
        SimpleMatrix a = positiveDefinite(n, n);
        for (Layout layout : List.of(Layout.ROWS, Layout.COLUMNS)) {
            INDArray array = layout.of(a, type);
            assertThat(linearAlgebra.invert(array, Jitter.defaults())).isZero();
            assertClose(matrix(array), a.invert());
            assertThat(array).isEqualTo(array.transpose());
        }
    }

    /** Indefinite by its last leading minor, so that nearly all of a factorisation has been made when it fails. */
    @ParameterizedTest
    @ValueSource(ints = {2, 7, 130})
    void whatCannotBeInvertedIsAsItWas(int n) {
        SimpleMatrix a = positiveDefinite(n, n);
        a.set(n - 1, n - 1, -1);
        for (Layout layout : List.of(Layout.ROWS, Layout.COLUMNS)) {
            INDArray array = layout.of(a, type);
            assertThatThrownBy(() -> linearAlgebra.invert(array, Jitter.none()))
                    .isInstanceOf(NotPositiveDefiniteException.class);
            assertUnmodified(array, a);
        }
    }

    @Test
    void anInverseInPlaceHasTheJitterThatItNeeded() {
        SimpleMatrix a = SimpleMatrix.filled(3, 3, 1);
        INDArray array = array(a);
        double epsilon = linearAlgebra.invert(array, Jitter.defaults());
        assertThat(epsilon).isPositive();
        assertThat(epsilon)
                .isEqualTo(linearAlgebra.cholesky(array(a), Jitter.defaults()).jitter());
        assertThat(array)
                .isEqualTo(linearAlgebra.cholesky(array(a), Jitter.defaults()).inverse());
    }

    @Test
    void choleskySolvesAVector() {
        SimpleMatrix a = positiveDefinite(7, 1);
        SimpleMatrix b = gaussian(7, 1, 2);
        INDArray x = linearAlgebra.cholesky(array(a)).solve(array(b).reshape(7));
        assertThat(x.shape()).containsExactly(7);
        assertClose(matrix(x.reshape(7, 1)), a.solve(b));
    }

    @Test
    void onlyTheLowerTriangleCounts() {
        SimpleMatrix a = positiveDefinite(7, 3);
        SimpleMatrix b = gaussian(7, 2, 4);
        INDArray withOtherUpper = array(a);
        withOtherUpper.putScalar(1, 5, 100);
        for (INDArray array : List.of(withOtherUpper, withOtherUpper.dup('f'))) {
            Cholesky cholesky = linearAlgebra.cholesky(array);
            assertClose(matrix(cholesky.solve(array(b))), a.solve(b));
            assertThat(cholesky.reciprocalCondition())
                    .isCloseTo(linearAlgebra.cholesky(array(a)).reciprocalCondition(), within(tolerance));
            assertClose(matrix(linearAlgebra.symmetricEigen(array).reconstruct(v -> v)), a);
            assertClose(
                    matrix(linearAlgebra
                            .solveBatch(array.reshape(array.ordering(), 1, 7, 7), array(b).reshape(1, 7, 2))
                            .reshape(7, 2)),
                    a.solve(b));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 64})
    void logDeterminant(int n) {
        SimpleMatrix a = positiveDefinite(n, n);
        assertThat(linearAlgebra.cholesky(array(a)).logDeterminant())
                .isCloseTo(Math.log(a.determinant()), within(tolerance * n));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 64})
    void reciprocalConditionBoundsTheTrueOneFromAbove(int n) {
        SimpleMatrix a = positiveDefinite(n, n);
        double truth = 1 / (norm1(a) * norm1(a.invert()));
        assertThat(linearAlgebra.cholesky(array(a)).reciprocalCondition())
                .isBetween(truth * (1 - 10 * tolerance), truth * 3 + tolerance);
        SimpleMatrix general = gaussian(n, n, n);
        double generalTruth = 1 / (norm1(general) * norm1(general.invert()));
        assertThat(linearAlgebra.solve(array(general), array(gaussian(n, 1, 1))).reciprocalCondition())
                .isBetween(generalTruth * (1 - 100 * tolerance), generalTruth * 3 + tolerance);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 130})
    void symmetricEigenDecomposes(int n) {
        SimpleMatrix x = gaussian(n, n, n);
        SimpleMatrix a = x.plus(x.transpose());
        double[] expected = a.eig().getEigenvalues().stream()
                .mapToDouble(value -> value.getReal())
                .sorted()
                .toArray();
        for (Layout layout : Layout.values()) {
            INDArray array = layout.of(a, type);
            SymmetricEigen eigen = linearAlgebra.symmetricEigen(array);
            assertThat(eigen.values().shape()).containsExactly(n);
            assertThat(eigen.values().dataType()).isEqualTo(type);
            assertThat(eigen.vectors().dataType()).isEqualTo(type);
            double[] values = eigen.values().toDoubleVector();
            assertThat(values).isSorted();
            assertClose(new SimpleMatrix(n, 1, true, values), new SimpleMatrix(n, 1, true, expected));
            SimpleMatrix vectors = matrix(eigen.vectors());
            assertClose(vectors.transpose().mult(vectors), SimpleMatrix.identity(n));
            assertClose(a.mult(vectors), vectors.mult(SimpleMatrix.diag(expected)));
            assertClose(matrix(eigen.reconstruct(v -> v)), a);
            assertUnmodified(array, a);
        }
    }

    @Test
    void reconstructAppliesAFunction() {
        SimpleMatrix a = positiveDefinite(7, 1);
        INDArray inverse = linearAlgebra.symmetricEigen(array(a)).reconstruct(v -> 1 / v);
        assertThat(inverse.dataType()).isEqualTo(type);
        assertClose(matrix(inverse), a.invert());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 130})
    void solvesGeneralSystems(int n) {
        SimpleMatrix a = gaussian(n, n, n).plus(SimpleMatrix.identity(n).scale(2 * Math.sqrt(n)));
        SimpleMatrix b = gaussian(n, 4, n + 1);
        for (Layout layout : Layout.values()) {
            INDArray array = layout.of(a, type);
            INDArray rhs = layout.of(b, type);
            GeneralSolution solution = linearAlgebra.solve(array, rhs);
            assertThat(solution.x().dataType()).isEqualTo(type);
            assertClose(matrix(solution.x()), a.solve(b));
            INDArray vector = linearAlgebra
                    .solve(array, rhs.get(NDArrayIndex.all(), NDArrayIndex.point(0)))
                    .x();
            assertThat(vector.shape()).containsExactly(n);
            assertClose(matrix(vector.reshape(n, 1)), a.solve(b.getColumn(0)));
            assertUnmodified(array, a);
            assertUnmodified(rhs, b);
        }
    }

    /** OpenBLAS's LU overruns the default stack at this size and takes the process with it. */
    @Test
    void solvesAnIndefiniteSystemFromAThreadWithTheDefaultStack() throws Exception {
        int n = 300;
        SimpleMatrix x = gaussian(n, n, 1);
        SimpleMatrix a = x.plus(x.transpose()).plus(SimpleMatrix.diag(signs(n)).scale(6 * Math.sqrt(n)));
        SimpleMatrix b = gaussian(n, 2, 2);
        assertThat(await(List.of(
                        start(() -> linearAlgebra.solve(array(a), array(b)).x()))))
                .allSatisfy(solution -> assertClose(matrix(solution), a.solve(b)));
    }

    @Test
    void refusesSingularSystems() {
        INDArray b = Nd4j.ones(type, 3, 1);
        assertThatThrownBy(() -> linearAlgebra.solve(Nd4j.zeros(type, 3, 3), b))
                .isInstanceOf(SingularMatrixException.class)
                .hasMessageContaining("[3, 3]")
                .hasMessageContaining("singular to working precision");
        INDArray rankTwo = Nd4j.createFromArray(new double[][] {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}})
                .castTo(type);
        SingularMatrixException exception =
                catchThrowableOfType(SingularMatrixException.class, () -> linearAlgebra.solve(rankTwo, b));
        assertThat(exception.reciprocalCondition()).isLessThan(tolerance);
    }

    @Test
    void illConditionedSystemsHaveSmallResiduals() {
        int n = 64;
        SimpleMatrix q = gaussian(n, n, 5).svd().getU();
        double[] spectrum = new double[n];
        double decades = type == DataType.FLOAT ? 5 : 12;
        for (int i = 0; i < n; i++) {
            spectrum[i] = Math.pow(10, -decades * i / (n - 1));
        }
        SimpleMatrix exact = q.mult(SimpleMatrix.diag(spectrum)).mult(q.transpose());
        SimpleMatrix a = matrix(array(exact));
        SimpleMatrix b = gaussian(n, 3, 6);
        Cholesky cholesky = linearAlgebra.cholesky(array(a));
        assertThat(cholesky.reciprocalCondition()).isBetween(Math.pow(10, -decades - 2), Math.pow(10, -decades + 1));
        assertSmallResidual(a, cholesky.solve(array(b)), b);
        assertSmallResidual(a, linearAlgebra.solve(array(a), array(b)).x(), b);
        INDArray batch = linearAlgebra.solveBatch(array(a).reshape(1, n, n), array(b).reshape(1, n, 3));
        assertSmallResidual(a, batch.reshape(n, 3), b);
    }

    private void assertSmallResidual(SimpleMatrix a, INDArray x, SimpleMatrix b) {
        SimpleMatrix solution = matrix(x);
        assertThat(a.mult(solution).minus(b).normF() / (a.normF() * solution.normF()))
                .isLessThan(tolerance);
    }

    @Test
    void refusesIndefiniteMatricesByTheirMinor() {
        SimpleMatrix a = positiveDefinite(7, 1);
        a.set(4, 4, -1);
        NotPositiveDefiniteException exception =
                catchThrowableOfType(NotPositiveDefiniteException.class, () -> linearAlgebra.cholesky(array(a)));
        assertThat(exception.order()).isEqualTo(5);
        assertThat(exception.batchMember()).isEqualTo(-1);
        assertThat(exception)
                .hasMessageContaining("[7, 7]")
                .hasMessageContaining(type.toString())
                .hasMessageContaining("order 5")
                .hasMessageContaining("-1.0");
        assertThatThrownBy(() -> linearAlgebra.cholesky(Nd4j.zeros(type, 3, 3)))
                .isInstanceOf(NotPositiveDefiniteException.class);
    }

    @Test
    void jitterIsReportedAndAdded() {
        int n = 20;
        SimpleMatrix x = gaussian(n, 3, 1);
        SimpleMatrix a = x.mult(x.transpose()).minus(SimpleMatrix.identity(n).scale(1e-5));
        double mean = a.trace() / n;
        for (Layout layout : Layout.values()) {
            INDArray array = layout.of(a, type);
            Cholesky cholesky = linearAlgebra.cholesky(array, new Jitter(1e-7, 10, 1e-2));
            assertThat(cholesky.jitter()).isCloseTo(1e-5 * mean, within(1e-5 * mean * TEST_F32));
            SimpleMatrix lower = matrix(cholesky.lower());
            assertClose(
                    lower.mult(lower.transpose()),
                    a.plus(SimpleMatrix.identity(n).scale(cholesky.jitter())));
            assertThat(cholesky.solve(array(x)).shape()).containsExactly(n, 3);
            assertThat(cholesky.inverse().shape()).containsExactly(n, n);
            assertThat(cholesky.logDeterminant()).isFinite();
            assertThat(cholesky.reciprocalCondition()).isBetween(0.0, 1e-3);
            assertUnmodified(array, a);
        }
    }

    @Test
    void jitterIsNotAddedWhereItIsNotNeeded() {
        INDArray a = array(positiveDefinite(7, 1));
        assertThat(linearAlgebra.cholesky(a, Jitter.defaults()).jitter()).isZero();
        assertThat(linearAlgebra.cholesky(a, Jitter.defaults()).lower())
                .isEqualTo(linearAlgebra.cholesky(a).lower());
    }

    @Test
    void jitterGivesUpWithTheListOfWhatWasTried() {
        INDArray a = array(SimpleMatrix.diag(1, 1, 1, -0.5));
        assertThatThrownBy(() -> linearAlgebra.cholesky(a, new Jitter(0.001, 10, 0.1)))
                .isInstanceOf(NotPositiveDefiniteException.class)
                .hasMessageContaining("order 4")
                .hasMessageContaining("[0.0, 6.25E-4, 0.00625, 0.0625");
        assertThatThrownBy(() -> linearAlgebra.cholesky(a, Jitter.none()))
                .isInstanceOf(NotPositiveDefiniteException.class)
                .hasMessageContaining("[0.0]");
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,64,3", "5,1,2", "5,7,1", "17,7,3", "3,33,2", "2,70,1"})
    void solvesBatches(int batch, int n, int k) {
        List<SimpleMatrix> matrices = new ArrayList<>();
        List<SimpleMatrix> columns = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            matrices.add(positiveDefinite(n, i));
            columns.add(gaussian(n, k, i));
        }
        INDArray a = stack(matrices);
        INDArray b = stack(columns);
        for (INDArray[] arrays : List.of(
                new INDArray[] {a, b}, new INDArray[] {a.dup('f'), b.dup('f')}, new INDArray[] {view(a), view(b)})) {
            INDArray originalA = arrays[0].dup();
            INDArray originalB = arrays[1].dup();
            INDArray x = linearAlgebra.solveBatch(arrays[0], arrays[1]);
            assertThat(x.shape()).containsExactly(batch, n, k);
            assertThat(x.dataType()).isEqualTo(type);
            INDArray first = linearAlgebra.solveBatch(
                    arrays[0], arrays[1].get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(0)));
            assertThat(first.shape()).containsExactly(batch, n);
            for (int i = 0; i < batch; i++) {
                SimpleMatrix expected = matrices.get(i).solve(columns.get(i));
                assertClose(matrix(x.slice(i)), expected);
                assertClose(matrix(first.slice(i).reshape(n, 1)), expected.getColumn(0));
            }
            assertThat(arrays[0]).isEqualTo(originalA);
            assertThat(arrays[1]).isEqualTo(originalB);
        }
    }

    @Test
    void namesTheFirstBatchMemberThatIsNotPositiveDefinite() {
        List<SimpleMatrix> matrices = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            matrices.add(positiveDefinite(40, i));
        }
        matrices.get(11).set(36, 36, -2);
        matrices.get(30).set(0, 0, -1);
        NotPositiveDefiniteException exception = catchThrowableOfType(
                NotPositiveDefiniteException.class,
                () -> linearAlgebra.solveBatch(stack(matrices), Nd4j.ones(type, 40, 40)));
        assertThat(exception.batchMember()).isEqualTo(11);
        assertThat(exception.order()).isEqualTo(37);
        assertThat(exception)
                .hasMessageContaining("member 11")
                .hasMessageContaining("[40, 40, 40]")
                .hasMessageContaining("-2.0");
    }

    @Test
    void threadsDoNotDisturbEachOther() throws Exception {
        List<SimpleMatrix> matrices = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            matrices.add(positiveDefinite(40, i));
        }
        INDArray a = stack(matrices);
        INDArray b = Nd4j.ones(type, 24, 40);
        INDArray general = array(gaussian(40, 40, 1));
        INDArray alone = linearAlgebra.solveBatch(a, b);
        INDArray aloneGeneral = linearAlgebra.solve(general, b.transpose()).x();
        List<FutureTask<INDArray>> batches = new ArrayList<>();
        List<FutureTask<INDArray>> generals = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            batches.add(start(() -> repeat(() -> linearAlgebra.solveBatch(a, b))));
            generals.add(start(() ->
                    repeat(() -> linearAlgebra.solve(general, b.transpose()).x())));
        }
        assertThat(await(batches)).allSatisfy(x -> assertClose(matrix(x), matrix(alone)));
        assertThat(await(generals)).allSatisfy(x -> assertThat(relativeError(matrix(x), matrix(aloneGeneral)))
                .isLessThan(100 * tolerance));
    }

    @Test
    void worksInTheCallersWorkspace() {
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 20).build();
        SimpleMatrix a = positiveDefinite(33, 1);
        SimpleMatrix b = gaussian(33, 2, 1);
        for (int i = 0; i < 3; i++) {
            try (MemoryWorkspace workspace =
                    Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "LINALG_TEST")) {
                assertThat(workspace.isScopeActive()).isTrue();
                assertClose(matrix(linearAlgebra.cholesky(array(a)).solve(array(b))), a.solve(b));
                assertClose(matrix(linearAlgebra.solve(array(a), array(b)).x()), a.solve(b));
                assertClose(matrix(linearAlgebra.symmetricEigen(array(a)).reconstruct(v -> v)), a);
                INDArray x = linearAlgebra.solveBatch(stack(List.of(a, a, a)), stack(List.of(b, b, b)));
                assertClose(matrix(x.slice(2)), a.solve(b));
            }
        }
    }

    @Test
    void refusesNumbersThatAreNotFinite() {
        INDArray good = array(positiveDefinite(3, 1));
        INDArray ones = Nd4j.ones(type, 3, 1);
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            INDArray a = good.dup();
            a.putScalar(2, 1, value);
            INDArray b = ones.dup();
            b.putScalar(1, 0, value);
            String count = Double.isNaN(value) ? "1 NaN and 0 infinite" : "0 NaN and 1 infinite";
            List<Callable<Object>> calls = List.of(
                    () -> linearAlgebra.cholesky(a),
                    () -> linearAlgebra.cholesky(good).solve(b),
                    () -> linearAlgebra.symmetricEigen(a),
                    () -> linearAlgebra.solve(a, ones),
                    () -> linearAlgebra.solve(good, b),
                    () -> linearAlgebra.solveBatch(a.reshape(1, 3, 3), ones.reshape(1, 3, 1)),
                    () -> linearAlgebra.solveBatch(good.reshape(1, 3, 3), b.reshape(1, 3)));
            assertThat(calls).allSatisfy(call -> assertThatThrownBy(call::call)
                    .isInstanceOf(LinearAlgebraException.class)
                    .hasMessageContaining(count));
        }
    }

    @Test
    void acceptsFiniteNumbersWhoseSumOverflows() {
        INDArray a = Nd4j.eye(3).castTo(type).muli(type == DataType.FLOAT ? 2e38 : 1e308);
        assertThat(linearAlgebra.cholesky(a).lower().getDouble(0, 0))
                .isCloseTo(Math.sqrt(a.getDouble(0, 0)), within(a.getDouble(0, 0) * tolerance));
    }

    @Test
    void refusesShapesAndTypesThatDoNotFit() {
        INDArray square = array(positiveDefinite(3, 1));
        DataType other = type == DataType.FLOAT ? DataType.DOUBLE : DataType.FLOAT;
        assertRefused(() -> linearAlgebra.cholesky(Nd4j.ones(type, 3, 2)), "[3, 2]");
        assertRefused(() -> linearAlgebra.cholesky(Nd4j.ones(type, 3)), "[3]");
        assertRefused(() -> linearAlgebra.cholesky(square.castTo(DataType.FLOAT16)), "HALF");
        assertRefused(() -> linearAlgebra.symmetricEigen(Nd4j.ones(type, 1, 3, 3)), "[1, 3, 3]");
        assertRefused(() -> linearAlgebra.cholesky(square).solve(Nd4j.ones(type, 4, 1)), "[4, 1]");
        assertRefused(() -> linearAlgebra.cholesky(square).solve(Nd4j.ones(other, 3, 1)), other.toString());
        assertRefused(() -> linearAlgebra.solve(square, Nd4j.ones(type, 2, 3)), "[2, 3]");
        assertRefused(() -> linearAlgebra.solve(square, Nd4j.ones(other, 3, 3)), other.toString());
        assertRefused(() -> linearAlgebra.solveBatch(square, Nd4j.ones(type, 3)), "[3, 3]");
        assertRefused(() -> linearAlgebra.solveBatch(square.reshape(1, 3, 3), Nd4j.ones(type, 2, 3)), "[2, 3]");
        assertRefused(
                () -> linearAlgebra.solveBatch(square.reshape(1, 3, 3), Nd4j.ones(other, 1, 3)), other.toString());
    }

    private static void assertRefused(Callable<Object> call, String named) {
        assertThatThrownBy(call::call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected")
                .hasMessageContaining(named);
    }

    /** How an array lies in memory. */
    private enum Layout {
        ROWS,
        COLUMNS,
        STRIDED_VIEW,
        TRANSPOSED_VIEW;

        INDArray of(SimpleMatrix matrix, DataType type) {
            INDArray array = GenericLinearAlgebraTests.array(matrix, type);
            return switch (this) {
                case ROWS -> array;
                case COLUMNS -> array.dup('f');
                case STRIDED_VIEW -> {
                    INDArray large = Nd4j.valueArrayOf(
                            new long[] {2L * matrix.getNumRows() + 1, 3L * matrix.getNumCols() + 2}, 1e30, type);
                    INDArray view = large.get(
                            NDArrayIndex.interval(1, 2, 2L * matrix.getNumRows() + 1),
                            NDArrayIndex.interval(2, 3, 3L * matrix.getNumCols() + 2));
                    yield view.assign(array);
                }
                case TRANSPOSED_VIEW ->
                    GenericLinearAlgebraTests.array(matrix.transpose(), type).transpose();
            };
        }
    }

    private static INDArray view(INDArray a) {
        INDArray large = Nd4j.valueArrayOf(new long[] {a.size(0) + 1, a.size(1) + 2, a.size(2) + 1}, 7.0, a.dataType());
        return large.get(
                        NDArrayIndex.interval(1, a.size(0) + 1),
                        NDArrayIndex.interval(2, a.size(1) + 2),
                        NDArrayIndex.interval(0, a.size(2)))
                .assign(a);
    }

    private INDArray stack(List<SimpleMatrix> matrices) {
        INDArray stack = Nd4j.create(
                type,
                matrices.size(),
                matrices.get(0).getNumRows(),
                matrices.get(0).getNumCols());
        for (int i = 0; i < matrices.size(); i++) {
            stack.slice(i).assign(array(matrices.get(i)));
        }
        return stack;
    }

    private INDArray array(SimpleMatrix matrix) {
        return array(matrix, type);
    }

    private static INDArray array(SimpleMatrix matrix, DataType type) {
        return Nd4j.createFromArray(matrix.toArray2()).castTo(type);
    }

    private static SimpleMatrix matrix(INDArray array) {
        return new SimpleMatrix(array.toDoubleMatrix());
    }

    /** XXᵀ/n + I, whose condition number is about 5. */
    private static SimpleMatrix positiveDefinite(int n, int seed) {
        SimpleMatrix x = gaussian(n, n, seed);
        return x.mult(x.transpose()).scale(1.0 / n).plus(SimpleMatrix.identity(n));
    }

    private static SimpleMatrix gaussian(int rows, int columns, int seed) {
        Random random = new Random(seed);
        return new SimpleMatrix(
                rows,
                columns,
                true,
                random.doubles((long) rows * columns, -1.7, 1.7).toArray());
    }

    private static double[] signs(int n) {
        double[] signs = new double[n];
        for (int i = 0; i < n; i++) {
            signs[i] = i % 2 == 0 ? 1 : -1;
        }
        return signs;
    }

    private static double norm1(SimpleMatrix a) {
        return NormOps_DDRM.inducedP1(a.getDDRM());
    }

    private static double relativeError(SimpleMatrix actual, SimpleMatrix expected) {
        return actual.minus(expected).normF() / expected.normF();
    }

    private void assertClose(SimpleMatrix actual, SimpleMatrix expected) {
        assertThat(relativeError(actual, expected)).isLessThan(tolerance);
    }

    private void assertUnmodified(INDArray array, SimpleMatrix original) {
        assertThat(array.toDoubleMatrix()).isDeepEqualTo(array(original).toDoubleMatrix());
    }

    private static INDArray repeat(Callable<INDArray> call) throws Exception {
        INDArray result = call.call();
        for (int i = 0; i < 5; i++) {
            result = call.call();
        }
        return result;
    }

    /** Starts a thread with the default stack. */
    private static FutureTask<INDArray> start(Callable<INDArray> call) {
        FutureTask<INDArray> task = new FutureTask<>(call);
        new Thread(task).start();
        return task;
    }

    private static List<INDArray> await(List<FutureTask<INDArray>> tasks)
            throws InterruptedException, ExecutionException {
        List<INDArray> results = new ArrayList<>();
        for (FutureTask<INDArray> task : tasks) {
            results.add(task.get());
        }
        return results;
    }

    /**
     * Systems that differ in their scales, beside each of them formed and solved on its own; some have rows of weight
     * zero, with and without a shift, and one has no others.
     */
    @Test
    void solvesScaledSystems() {
        int n = 40;
        int units = 7;
        double[][] correlations = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                correlations[i][j] = Math.exp(-Math.abs(i - j) / 5.0);
            }
        }
        INDArray k = Nd4j.createFromArray(correlations);
        INDArray scales = Nd4j.create(DataType.DOUBLE, units, n);
        INDArray b = Nd4j.create(DataType.DOUBLE, units, n);
        for (int u = 0; u < units; u++) {
            for (int i = 0; i < n; i++) {
                scales.putScalar(u, i, 1 + Math.sin(u + 2.0 * i));
                b.putScalar(u, i, Math.cos(3.0 * u + i));
            }
        }
        scales.putScalar(2, 5, 0);
        for (int i = 0; i < n; i++) {
            if (i % 3 != 1) {
                scales.putScalar(3, i, 0);
            }
            scales.putScalar(5, i, 0);
        }
        INDArray shifts = Nd4j.createFromArray(0.1, 0.2, 0.0, 0.4, 1.0, 0.01, 3.0);
        INDArray x = linearAlgebra.solveScaled(k, scales, shifts, b);
        assertThat(x.shape()).containsExactly(units, n);
        for (int u = 0; u < units; u++) {
            INDArray d = Nd4j.diag(scales.getRow(u));
            INDArray matrix =
                    d.mmul(k).mmul(d).addi(Nd4j.eye(n).castTo(DataType.DOUBLE).muli(shifts.getDouble(u)));
            if (u == 2) {
                matrix.putScalar(5, 5, 1);
            }
            INDArray residual = matrix.mmul(x.getRow(u, true).transpose())
                    .subi(b.getRow(u, true).transpose());
            assertThat(residual.norm2Number().doubleValue()).as("unit " + u).isLessThan(1e-8);
        }
        assertThatThrownBy(() -> linearAlgebra.solveScaled(k.neg(), scales, shifts, b))
                .isInstanceOf(NotPositiveDefiniteException.class);
    }

    /** Rows are counted as in the whole matrix, those of weight zero included. */
    @Test
    void namesTheMinorOfAScaledSystemThatIsNotPositive() {
        INDArray k = Nd4j.eye(4).castTo(DataType.DOUBLE);
        k.putScalar(3, 3, -1);
        INDArray scales = Nd4j.createFromArray(new double[][] {{1, 0, 0, 1}});
        INDArray b = Nd4j.ones(DataType.DOUBLE, 1, 4);
        assertThatThrownBy(() -> linearAlgebra.solveScaled(k, scales, Nd4j.createFromArray(0.5), b))
                .isInstanceOfSatisfying(NotPositiveDefiniteException.class, failure -> assertThat(failure.order())
                        .isEqualTo(4));
        assertThatThrownBy(() -> linearAlgebra.solveScaled(k, scales, Nd4j.createFromArray(Double.NaN), b))
                .isInstanceOf(LinearAlgebraException.class)
                .isNotInstanceOf(NotPositiveDefiniteException.class);
    }
}
