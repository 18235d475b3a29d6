package io.github.dl4jngd.fisher.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.Test;

class LayerDescriptionTest {

    private final ParameterSlice weights = new ParameterSlice("W", 0, List.of(3L, 2L), 'f');
    private final LayerDescription layer = new LayerDescription(
            "0",
            "dense",
            new DenseLayer.Builder().nIn(3).nOut(2).hasBias(false).build(),
            List.of(weights),
            true,
            false,
            BatchStatistics.COUPLED);

    @Test
    void aParameterThatALayerNeedNotHave() {
        assertThat(layer.parameterOrNull("W")).isEqualTo(weights);
        assertThat(layer.parameterOrNull("b")).isNull();
    }

    @Test
    void aParameterThatALayerMustHave() {
        assertThat(layer.parameter("W")).isEqualTo(weights);
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> layer.parameter("b"))
                .withMessage("Layer dense: it has no parameter b, only [W]");
    }
}
