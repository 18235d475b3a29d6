package io.github.dl4jngd.spectral.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When a crossing of the boundary is told. */
class RecentVerdictsTest {

    private static final String BEYOND = "beyond";
    private static final String WITHIN = "near";

    private final RecentVerdicts verdicts = new RecentVerdicts();

    private void add(String verdict, int times) {
        IntStream.range(0, times).forEach(i -> verdicts.add(verdict));
    }

    @Test
    void threeOfTheFirstThreeAreEnough() {
        add(BEYOND, 2);
        assertThat(verdicts.isBeyond()).isFalse();
        add(BEYOND, 1);
        assertThat(verdicts.isBeyond()).isTrue();
        assertThat(verdicts.tally()).isEqualTo(new SpectrumReading.Tally(3, 3));
    }

    @Test
    void laterSixOfTenAre() {
        add(WITHIN, 10);
        add(BEYOND, 5);
        assertThat(verdicts.isBeyond()).isFalse();
        add(BEYOND, 1);
        assertThat(verdicts.isBeyond()).isTrue();
        assertThat(verdicts.tally()).isEqualTo(new SpectrumReading.Tally(6, 10));
    }

    @Test
    void atMostThreeOfTenAreBackWithin() {
        add(BEYOND, 10);
        add(WITHIN, 6);
        assertThat(verdicts.isBeyond()).isTrue();
        add(WITHIN, 1);
        assertThat(verdicts.isBeyond()).isFalse();
        assertThat(verdicts.tally()).isEqualTo(new SpectrumReading.Tally(3, 10));
    }

    @Test
    void flappingTellsNothing() {
        for (int i = 0; i < 30; i++) {
            verdicts.add(i % 2 == 0 ? WITHIN : BEYOND);
            assertThat(verdicts.isBeyond()).isFalse();
        }
    }

    @Test
    void readingsWithoutAVerdictAreLeftOut() {
        add("unknown", 5);
        assertThat(verdicts.tally()).isEqualTo(new SpectrumReading.Tally(0, 0));
        add(BEYOND, 3);
        add("unknown", 20);
        assertThat(verdicts.isBeyond()).isTrue();
        assertThat(verdicts.tally()).isEqualTo(new SpectrumReading.Tally(3, 3));
    }
}
