package io.github.dl4jngd.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void alignsColumns() {
        Table table = new Table("method", "loss").row("sgd", 0.5).row("nesterovs", "10.25");

        assertThat(table.toString().lines())
                .containsExactly("method      loss", "----------------", "sgd          0.5", "nesterovs  10.25");
    }

    @Test
    void refusesARowOfAnotherWidth() {
        assertThatThrownBy(() -> new Table("a", "b").row("c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 2 cells, found 1");
    }
}
