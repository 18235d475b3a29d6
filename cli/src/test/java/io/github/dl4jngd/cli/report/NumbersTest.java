package io.github.dl4jngd.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    @ParameterizedTest
    @CsvSource({"0, 0.00000", "0.0123456, 0.01235", "0.9, 0.90000", "2.3456, 2.346", "0.00001234, 1.234e-05", "NaN, NaN"
    })
    void showsFourSignificantDigits(double value, String expected) {
        assertThat(Numbers.significant(value)).isEqualTo(expected);
    }

    @Test
    void doesNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            assertThat(Numbers.percent(0.98125)).isEqualTo("98.13 %");
            assertThat(Numbers.fixed(1234.5, 2)).isEqualTo("1234.50");
        } finally {
            Locale.setDefault(before);
        }
    }
}
