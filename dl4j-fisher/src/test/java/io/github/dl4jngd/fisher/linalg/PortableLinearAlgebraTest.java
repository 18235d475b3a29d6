package io.github.dl4jngd.fisher.linalg;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;

/** ND4J for macOS on ARM brings an OpenBLAS without LAPACK. */
@DisabledOnOs(value = OS.MAC, architectures = "aarch64")
class PortableLinearAlgebraTest {

    @Nested
    class Float32 extends GenericLinearAlgebraTests {
        Float32() {
            super(Providers.choose("portable"), DataType.FLOAT);
        }
    }

    @Nested
    class Float64 extends GenericLinearAlgebraTests {
        Float64() {
            super(Providers.choose("portable"), DataType.DOUBLE);
        }
    }
}
