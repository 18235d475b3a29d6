package io.github.dl4jngd.dashboard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's thinning, and that a page which asks again and again ends with the same rows as one that asks once. */
class SeriesTest {

    private final Series series = new Series();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1000, 1024, 1025, 5000, 16_384, 16_385, 40_000, 100_000})
    void aSpikeIsNeverThinnedAway(int count) {
        int spike = count * 2 / 3;
        for (int i = 0; i < count; i++) {
            series.add(10 * i, 0, Map.of("lambda_max", i == spike ? 1e6 : 1.0, "boundary", i == spike ? 1e-6 : 1.0));
        }

        Series.Part part = series.after(0, 0);

        assertThat(part.rows()).isBetween(Math.min(count, Series.SENT / 2), Series.SENT);
        assertThat(series.rows()).isLessThanOrEqualTo(Series.CAPACITY);
        assertThat(Arrays.stream(part.columns().get("lambda_max")).max()).hasValue(1e6);
        assertThat(Arrays.stream(part.columns().get("boundary")).min()).hasValue(1e-6);
        assertThat(part.columns().get("iteration")).isSorted().doesNotHaveDuplicates();
        assertThat(part.bucket() * (long) part.rows()).isGreaterThanOrEqualTo(count);
    }

    @Test
    void whoAsksAgainAndAgainHasWhatTheServerHas() {
        Random random = new Random(3);
        double[] known = new double[0];
        int bucket = 0;
        for (int i = 0; i < 5_000; i++) {
            series.add(i, 0, Map.of("x", random.nextDouble()));
            if (random.nextInt(20) == 0) {
                Series.Part part = series.after(bucket, known.length);
                double[] fresh = part.columns().get("x");
                known = Arrays.copyOf(known, part.from() + fresh.length);
                System.arraycopy(fresh, 0, known, part.from(), fresh.length);
                bucket = part.bucket();
                assertThat(known).isEqualTo(series.after(0, 0).columns().get("x"));
            }
        }
        assertThat(bucket).isEqualTo(8);
    }

    @Test
    void trainingThatGoesOnFromACheckpointReplacesWhatCameAfterIt() {
        for (int i = 0; i < 10; i++) {
            assertThat(series.add(10 * i, 0, Map.of("x", 1.0))).isFalse();
        }

        assertThat(series.add(50, 0, Map.of("x", 2.0))).isTrue();

        assertThat(series.after(0, 0).columns().get("iteration")).containsExactly(0, 10, 20, 30, 40, 50);
        assertThat(series.after(0, 0).columns().get("x")).containsExactly(1, 1, 1, 1, 1, 2);
    }

    @Test
    void twoReadingsOfOneIterationAreOne() {
        series.add(0, 0, Map.of("x", 1.0));
        series.add(0, 0, Map.of("x", 3.0, "y", 2.0));
        series.add(1, 0, Map.of("y", Double.NaN));

        assertThat(series.after(0, 0).columns().get("x")).containsExactly(3, Double.NaN);
        assertThat(series.after(0, 0).columns().get("y")).containsExactly(2, Double.NaN);
    }

    @Test
    void aFileWithNewNamesInEveryLineFillsNoMemory() {
        for (int i = 0; i < 5_000; i++) {
            series.add(i, 0, Map.of("name " + i, 1.0));
        }

        assertThat(series.after(0, 0).columns()).hasSize(2_000);
    }
}
