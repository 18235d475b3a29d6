package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A method, its text and its configuration lead to each other. */
class MethodTest {

    @ParameterizedTest
    @EnumSource(Method.class)
    void isKnownByItsTextAndItsConfiguration(Method method) {
        NaturalGradientConfiguration configuration = method.builder().build();
        assertThat(Method.of(method.toString())).isSameAs(method);
        assertThat(Method.of(configuration)).isSameAs(method);
        assertThat(configuration.methodName()).isEqualTo(method.toString());
    }

    @Test
    void anUnknownTextIsRefused() {
        assertThatThrownBy(() -> Method.of("steepest"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("steepest");
    }

    /** Users choose by this name what they want to see. */
    @Test
    void stepsLogUnderTheNameOfTheNaturalGradient() {
        assertThat(StepLog.NAME).isEqualTo(NaturalGradient.class.getName());
    }
}
