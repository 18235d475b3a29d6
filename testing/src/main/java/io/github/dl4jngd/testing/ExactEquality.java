package io.github.dl4jngd.testing;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes {@code assertThat(array).isEqualTo(other)} mean what it says: ND4J's arrays are equal within a tolerance of
 * 1e-5 otherwise. Found by JUnit in every module that tests with this one's.
 */
public final class ExactEquality implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        // zero would make equal scalars different
        Nd4j.EPS_THRESHOLD = Double.MIN_VALUE;
    }
}
