package io.github.dl4jngd.fisher.linalg;

import org.junit.jupiter.api.Nested;
import org.nd4j.linalg.api.buffer.DataType;

class JavaLinearAlgebraTest {

    @Nested
    class Float32 extends GenericLinearAlgebraTests {
        Float32() {
            super(Providers.choose("java"), DataType.FLOAT);
        }
    }

    @Nested
    class Float64 extends GenericLinearAlgebraTests {
        Float64() {
            super(Providers.choose("java"), DataType.DOUBLE);
        }
    }
}
