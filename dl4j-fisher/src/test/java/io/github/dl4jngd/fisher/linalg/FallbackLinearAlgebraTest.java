package io.github.dl4jngd.fisher.linalg;

import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jngd.fisher.linalg.FallbackLinearAlgebra.Allowed;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FallbackLinearAlgebraTest {

    private static final double TEST_F64 = 1e-9;
    private static final double TEST_F32 = 1e-3;

    private final FallbackLinearAlgebra remedies = new FallbackLinearAlgebra(LinearAlgebra.best());

    /** V Λ Vᵀ with seeded orthogonal V. */
    private static INDArray symmetric(double... eigenvalues) {
        int n = eigenvalues.length;
        Random random = new Random(n);
        INDArray a = Nd4j.create(DataType.DOUBLE, n, n);
        for (int i = 0; i < n * n; i++) {
            a.putScalar(i, random.nextGaussian());
        }
        INDArray v =
                LinearAlgebra.best().symmetricEigen(a.add(a.transpose()).dup()).vectors();
        INDArray product =
                v.mul(Nd4j.createFromArray(eigenvalues).reshape(1, n)).mmul(v.transpose());
        return product.add(product.transpose()).divi(2);
    }

    private static INDArray ones(int n, DataType type) {
        return Nd4j.ones(type, n, 1);
    }

    @Test
    void nothingIsDoneUnlessAllowed() {
        INDArray indefinite = symmetric(1, 2, -3, 4);
        assertThatThrownBy(() -> remedies.cholesky(indefinite, Jitter.defaults()))
                .isInstanceOf(NotPositiveDefiniteException.class);
        INDArray definite = symmetric(1, 2, 3, 4);
        assertThat(remedies.cholesky(definite, Jitter.defaults()).solve(ones(4, DataType.DOUBLE)))
                .isEqualTo(LinearAlgebra.best().cholesky(definite).solve(ones(4, DataType.DOUBLE)));
    }

    /** Condition 1e10: indefinite after rounding to float32, with jitter too small to matter there. */
    @Test
    void float64SolvesWhatFloat32CannotFactorise() {
        INDArray wide = Nd4j.create(DataType.DOUBLE, 2, 2);
        wide.putScalar(0, 0, 1).putScalar(0, 1, 1).putScalar(1, 0, 1).putScalar(1, 1, 1);
        INDArray narrow = wide.castTo(DataType.FLOAT);
        Jitter small = new Jitter(1e-12, 10, 1e-10);
        assertThatThrownBy(() -> remedies.cholesky(narrow, small)).isInstanceOf(NotPositiveDefiniteException.class);
        remedies.allow(Allowed.FLOAT64);
        Cholesky factor = remedies.cholesky(narrow, small);
        assertThat(factor.jitter()).isPositive().isLessThanOrEqualTo(1e-10);
        INDArray x = factor.solve(ones(2, DataType.FLOAT));
        assertThat(x.dataType()).isEqualTo(DataType.FLOAT);
        assertThat(relativeError(narrow.mmul(x), ones(2, DataType.FLOAT))).isLessThan(TEST_F32);
        assertThat(factor.inverse().dataType()).isEqualTo(DataType.FLOAT);
        assertThat(factor.lower().dataType()).isEqualTo(DataType.FLOAT);
    }

    @Test
    void eigenvaluesAreClipped() {
        remedies.allow(Allowed.CLIPPED_EIGENVALUES);
        INDArray indefinite = symmetric(5, 2, -3, 4);
        INDArray expected = symmetric(5, 2, 5 * FallbackLinearAlgebra.FLOOR, 4);
        INDArray right = ones(4, DataType.DOUBLE);
        INDArray x = remedies.cholesky(indefinite, Jitter.defaults()).solve(right);
        assertThat(relativeError(x, LinearAlgebra.best().cholesky(expected).solve(right)))
                .isLessThan(1e-4);
        INDArray negative = symmetric(-1, -2, -3);
        assertThat(relativeError(
                        remedies.cholesky(negative, Jitter.defaults()).solve(ones(3, DataType.DOUBLE)),
                        ones(3, DataType.DOUBLE)))
                .isLessThan(TEST_F64);
    }

    @Test
    void inversesInPlaceHaveTheSameRemedies() {
        INDArray indefinite = symmetric(5, 2, -3, 4);
        INDArray inPlace = indefinite.dup();
        assertThatThrownBy(() -> remedies.invert(inPlace, Jitter.defaults()))
                .isInstanceOf(NotPositiveDefiniteException.class);
        assertThat(inPlace).isEqualTo(indefinite);
        remedies.allow(Allowed.CLIPPED_EIGENVALUES);
        remedies.invert(inPlace, Jitter.defaults());
        assertThat(inPlace)
                .isEqualTo(remedies.cholesky(indefinite, Jitter.defaults()).inverse());
    }

    @Test
    void batchesAreSolvedOneByOne() {
        INDArray batch = Nd4j.stack(0, symmetric(1, 2, 3), symmetric(1, -2, 3));
        INDArray right = Nd4j.ones(DataType.DOUBLE, 2, 3);
        assertThatThrownBy(() -> remedies.solveBatch(batch, right)).isInstanceOf(NotPositiveDefiniteException.class);
        remedies.allow(Allowed.CLIPPED_EIGENVALUES);
        INDArray x = remedies.solveBatch(batch, right);
        INDArray first = LinearAlgebra.best().cholesky(symmetric(1, 2, 3)).solve(ones(3, DataType.DOUBLE));
        assertThat(relativeError(x.getRow(0), first.reshape(3))).isLessThan(TEST_F64);
        assertThat(x.sumNumber().doubleValue()).isFinite();
    }

    @Test
    void matricesThatAreNotFiniteAreNamed() {
        remedies.allow(Allowed.CLIPPED_EIGENVALUES);
        INDArray broken = symmetric(1, 2, 3);
        broken.putScalar(1, 1, Double.NaN);
        assertThatThrownBy(() -> remedies.cholesky(broken, Jitter.defaults()))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("not finite");
    }
}
