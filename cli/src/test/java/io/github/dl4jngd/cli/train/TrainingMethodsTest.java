package io.github.dl4jngd.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.KroneckerConfiguration;
import io.github.dl4jngd.ngd.Method;
import io.github.dl4jngd.ngd.NaturalGradientConfiguration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingMethodsTest {

    private static final List<TrainingMethods> ALL_COMMANDS = List.of(
            TrainingMethods.forPerceptrons(), TrainingMethods.forAutoencoders(), TrainingMethods.forResidualNetworks());

    @Test
    void namesAreThoseOfUpdatersAndOfTheLibrarysMethods() {
        assertThat(TrainingMethods.names())
                .isEqualTo(Stream.concat(
                                Stream.of("sgd", "nesterovs", "adam"),
                                Stream.of(Method.values()).map(Method::toString))
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void everyCommandHasEveryMethod(Method method) {
        for (TrainingMethods methods : ALL_COMMANDS) {
            NaturalGradientConfiguration configuration =
                    named(methods, method).withDamping(0.125).configuration();

            assertThat(Method.of(configuration)).isEqualTo(method);
            assertThat(configuration.damping()).isEqualTo(Damping.absolute(0.125));
        }
    }

    @Test
    void onlyDualSystemsLimitTheMinibatch() {
        assertThat(named(TrainingMethods.forPerceptrons(), Method.EXACT).limit())
                .isPresent();
        assertThat(named(TrainingMethods.forPerceptrons(), Method.KFAC).limit()).isEmpty();
    }

    @Test
    void kfacAdaptsItsDampingOnAutoencodersAlone() {
        NaturalGradientMethod kfac = named(TrainingMethods.forAutoencoders(), Method.KFAC);

        assertThat(kfac.damping()).isEqualTo(1);
        assertThat(kfac.configuration().adaptiveDamping()).isPresent();
        for (TrainingMethods methods :
                List.of(TrainingMethods.forPerceptrons(), TrainingMethods.forResidualNetworks())) {
            assertThat(named(methods, Method.KFAC).damping()).isEqualTo(Kfac.DEFAULT_DAMPING);
            assertThat(named(methods, Method.KFAC).configuration().adaptiveDamping())
                    .isEmpty();
        }
    }

    @Test
    void theScalingIsTheMethodsOwnUnlessAskedForAnother() {
        NaturalGradientMethod kfac = named(TrainingMethods.forPerceptrons(), Method.KFAC);
        NaturalGradientMethod exact = named(TrainingMethods.forPerceptrons(), Method.EXACT);

        assertThat(kfac.configuration().scalingInterval()).isEqualTo(KroneckerConfiguration.DEFAULT_SCALING_INTERVAL);
        assertThat(kfac.configuration().scalingDecay()).isEqualTo(KroneckerConfiguration.DEFAULT_SCALING_DECAY);
        assertThat(exact.configuration().scalingInterval()).isEqualTo(1);
        assertThat(exact.configuration().scalingDecay()).isZero();
        NaturalGradientConfiguration asked = kfac.withScaling(
                        new NaturalGradientMethod.Scaling(OptionalInt.of(3), OptionalDouble.of(0)))
                .withMomentum(0.9)
                .configuration();
        assertThat(asked.scalingInterval()).isEqualTo(3);
        assertThat(asked.scalingDecay()).isZero();
    }

    private static NaturalGradientMethod named(TrainingMethods methods, Method method) {
        return (NaturalGradientMethod) methods.named(method.toString()).orElseThrow();
    }
}
