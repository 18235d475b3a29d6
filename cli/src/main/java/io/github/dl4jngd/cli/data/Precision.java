package io.github.dl4jngd.cli.data;

import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;

/** The precision of parameters, data and arithmetic: the values of {@code --dtype}. */
public enum Precision {
    /** Numbers of 32 bits. */
    FLOAT(DataType.FLOAT),
    /** Numbers of 64 bits. */
    DOUBLE(DataType.DOUBLE);

    private final DataType dataType;

    Precision(DataType dataType) {
        this.dataType = dataType;
    }

    /**
     * ND4J's name for it.
     *
     * @return the type of arrays
     */
    public DataType dataType() {
        return dataType;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
