package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MeanModelTest {

    private static final double DAMPING = 0.5;

    private static QuadraticModel model(double slope, double curvature) {
        return new QuadraticModel(slope, curvature, DAMPING, 0, 0, 0);
    }

    @Test
    void withoutDecayTheLastModelAloneCounts() {
        MeanModel mean = MeanModel.NONE.and(model(1, 2), 0).and(model(3, 4), 0);
        assertThat(mean.minimizer()).isEqualTo(3 / 4.5);
    }

    @Test
    void theFirstModelsWeighTheSame() {
        MeanModel mean = MeanModel.NONE;
        double slopes = 0;
        double curvatures = 0;
        for (int i = 1; i <= 10; i++) {
            mean = mean.and(model(i, 10 - i), 0.9);
            slopes += i;
            curvatures += 10 - i + DAMPING;
        }
        assertThat(mean.minimizer()).isCloseTo(slopes / curvatures, within(1e-12));
    }

    /** From there on each weighs 0.9 of the one after it. */
    @Test
    void thenTheyAreForgottenExponentially() {
        Random random = new Random(1);
        MeanModel mean = MeanModel.NONE;
        double slopes = 0;
        double curvatures = 0;
        for (int i = 0; i < 200; i++) {
            double slope = random.nextDouble();
            double curvature = random.nextDouble();
            mean = mean.and(model(slope, curvature), 0.9);
            slopes = 0.9 * slopes + slope;
            curvatures = 0.9 * curvatures + curvature + DAMPING;
        }
        assertThat(mean.minimizer()).isCloseTo(slopes / curvatures, within(1e-9));
    }

    @Test
    void noModelHasNoMinimumAndOneWithoutGradientAny() {
        assertThat(MeanModel.NONE.minimizer()).isNaN();
        assertThat(MeanModel.NONE.and(new QuadraticModel(0, 0, 0, 0, 0, 0), 0.9).minimizer())
                .isEqualTo(1);
    }
}
