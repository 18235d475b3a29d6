package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JitterTest {

    @Test
    void defaultsGrowFromRoundingToVisible() {
        assertThat(Jitter.defaults()).isEqualTo(new Jitter(1e-8, 10, 1e-2));
        assertThat(Jitter.none().initial()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"-1,10,1", "2,10,1", "0,10,Infinity", "NaN,10,1"})
    void refusesAmountsOutOfOrder(double initial, double factor, double maximum) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Jitter(initial, factor, maximum))
                .withMessageContaining("initial is " + initial)
                .withMessageContaining("maximum is " + maximum);
    }

    @ParameterizedTest
    @CsvSource({"1", "0.5", "NaN", "Infinity"})
    void refusesFactorsThatDoNotGrow(double factor) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Jitter(0.1, factor, 1))
                .withMessageContaining("it is " + factor);
    }
}
