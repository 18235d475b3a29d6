package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.KroneckerFisher;
import io.github.dl4jngd.fisher.curvature.KroneckerInverse;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.jacobian.WeightSharing;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/** A configuration as numbers and texts by name, as a checkpoint keeps it, and back through its builder. */
final class ConfigurationCodec {

    private ConfigurationCodec() {}

    /** Every option. */
    static void save(NaturalGradientConfiguration configuration, CheckpointState into) {
        into.put("method", configuration.methodName());
        into.put("damping", configuration.damping().value());
        into.put("relativeDamping", configuration.damping().relative());
        configuration.dampingSchedule().ifPresent(schedule -> into.put("dampingSchedule", toJson(schedule)));
        configuration.adaptiveDamping().ifPresent(adaptation -> save(adaptation, into.part("adaptiveDamping")));
        into.put("stepScaling", configuration.stepScaling().name());
        into.put("scalingInterval", configuration.scalingInterval());
        into.put("scalingDecay", configuration.scalingDecay());
        into.put("normConstraint", configuration.normConstraint());
        into.put("limitsFewSamples", configuration.limitsFewSamples());
        into.put("fisherType", configuration.fisherType().name());
        into.put("monteCarloDraws", configuration.monteCarloDraws());
        into.put("weightVariance", configuration.parameterization().weightVariance());
        into.put("biasVariance", configuration.parameterization().biasVariance());
        into.put("seed", configuration.seed());
        into.put("logEvery", configuration.logEvery());
        into.put("batchStatistics", configuration.batchStatistics().name());
        into.put("memoryLimit", configuration.memoryLimit());
        into.put("onReplacement", configuration.onReplacement().name());
        into.put("marksModel", configuration.marksModel());
        into.put("fusedStep", configuration.fusedStep());
        into.put("onFailure", configuration.onFailure().name());
        into.put("maxFailures", configuration.maxFailures());
        configuration.divergenceGuard().ifPresent(guard -> save(guard, into.part("divergenceGuard")));
        configuration.gradientRegularization().ifPresent(rule -> save(rule, into.part("gradientRegularization")));
        if (configuration instanceof KroneckerConfiguration factored) {
            save(factored, into);
        }
        if (configuration instanceof Kfac kfac) {
            into.put("inverse", kfac.inverse().name());
        }
    }

    private static void save(KroneckerConfiguration factored, CheckpointState into) {
        into.put("factorDecay", factored.factorDecay());
        into.put("factorInterval", factored.factorInterval());
        into.put("inverseInterval", factored.inverseInterval());
        into.put("weightSharing", factored.weightSharing().name());
        into.put("maxInputs", factored.maxInputFactor());
        into.put("factorSamples", factored.factorSamples());
        into.put("asynchronousInverses", factored.asynchronousInverses());
        into.put("gradualStart", factored.gradualStart());
    }

    private static void save(RegularizationRule rule, CheckpointState into) {
        if (rule instanceof ForwardDifference forward) {
            into.put("rule", "forward");
            into.put("gamma", forward.gamma());
            into.put("epsilon", forward.epsilon());
        } else if (rule instanceof BackwardDifference backward) {
            into.put("rule", "backward");
            into.put("gamma", backward.gamma());
            into.put("epsilon", backward.epsilon());
        } else if (rule instanceof Sam sam) {
            into.put("rule", "sam");
            into.put("radius", sam.radius());
        } else if (rule instanceof Flooding flooding) {
            into.put("rule", "flooding");
            into.put("level", flooding.level());
        }
    }

    private static RegularizationRule rule(CheckpointState from) {
        return switch (from.text("rule")) {
            case "forward" -> ForwardDifference.of(from.number("gamma"), from.number("epsilon"));
            case "backward" -> BackwardDifference.of(from.number("gamma"), from.number("epsilon"));
            case "sam" -> Sam.of(from.number("radius"));
            case "flooding" -> Flooding.of(from.number("level"));
            default -> throw new IllegalArgumentException("there is no gradient regularisation " + from.text("rule"));
        };
    }

    private static void save(LevenbergMarquardt adaptation, CheckpointState into) {
        into.put("interval", adaptation.interval());
        into.put("decay", adaptation.decay());
        into.put("lower", adaptation.lower());
        into.put("upper", adaptation.upper());
        into.put("minimum", adaptation.minimum());
        into.put("maximum", adaptation.maximum());
    }

    private static void save(DivergenceGuard guard, CheckpointState into) {
        into.put("lossFactor", guard.lossFactor());
        into.put("dampingFactor", guard.dampingFactor());
        into.put("recovery", guard.recovery());
    }

    /**
     * The configuration with these options.
     *
     * @throws IllegalArgumentException if there is no such method, or an option is missing or out of range
     */
    static NaturalGradientConfiguration restore(CheckpointState from) {
        String method = from.text("method");
        NaturalGradientConfiguration.Builder<?> builder = method.equals(PlainGradient.NAME)
                ? PlainGradient.builder()
                : Method.of(method).builder();
        double damping = from.number("damping");
        if (from.flag("relativeDamping")) {
            builder.relativeDamping(damping);
        } else {
            builder.damping(damping);
        }
        if (from.has("dampingSchedule")) {
            builder.dampingSchedule(fromJson(from.text("dampingSchedule")));
        }
        if (from.has("adaptiveDamping/interval")) {
            builder.adaptiveDamping(levenbergMarquardt(from.part("adaptiveDamping")));
        }
        builder.stepScaling(StepScaling.valueOf(from.text("stepScaling")));
        // Checkpoints of builds that measured in every step go on so.
        builder.scalingInterval(from.has("scalingInterval") ? Math.toIntExact(from.integer("scalingInterval")) : 1);
        builder.scalingDecay(from.has("scalingDecay") ? from.number("scalingDecay") : 0);
        builder.normConstraint(from.number("normConstraint"));
        builder.fisherType(FisherType.valueOf(from.text("fisherType")));
        builder.monteCarloDraws(Math.toIntExact(from.integer("monteCarloDraws")));
        builder.parameterization(new Parameterization(from.number("weightVariance"), from.number("biasVariance")));
        builder.seed(from.integer("seed"));
        builder.logEvery(Math.toIntExact(from.integer("logEvery")));
        builder.batchStatistics(BatchStatistics.valueOf(from.text("batchStatistics")));
        builder.memoryLimit(from.integer("memoryLimit"));
        builder.onReplacement(ReplacementPolicy.valueOf(from.text("onReplacement")));
        builder.markModel(from.flag("marksModel"));
        // Checkpoints of builds before there was such a thing go on as they began, without.
        builder.fusedStep(from.has("fusedStep") && from.flag("fusedStep"));
        builder.onFailure(FailurePolicy.valueOf(from.text("onFailure")));
        builder.maxFailures(Math.toIntExact(from.integer("maxFailures")));
        if (from.has("divergenceGuard/lossFactor")) {
            builder.divergenceGuard(divergenceGuard(from.part("divergenceGuard")));
        }
        if (from.has("gradientRegularization/rule")) {
            builder.gradientRegularization(rule(from.part("gradientRegularization")));
        }
        // After the options that turn it off; checkpoints of the first builds go on as they began, without.
        builder.limitsFewSamples(from.has("limitsFewSamples") && from.flag("limitsFewSamples"));
        if (builder instanceof KroneckerConfiguration.Builder<?> factored) {
            restore(factored, from);
        }
        if (builder instanceof Kfac.Builder kfac) {
            kfac.inverse(KroneckerInverse.valueOf(from.text("inverse")));
        }
        return builder.build();
    }

    private static void restore(KroneckerConfiguration.Builder<?> factored, CheckpointState from) {
        factored.factorDecay(from.number("factorDecay"));
        factored.factorInterval(Math.toIntExact(from.integer("factorInterval")));
        factored.inverseInterval(Math.toIntExact(from.integer("inverseInterval")));
        factored.weightSharing(WeightSharing.valueOf(from.text("weightSharing")));
        long maxInputs = from.integer("maxInputs");
        if (maxInputs != KroneckerFisher.Options.UNLIMITED) {
            factored.maxInputFactor(Math.toIntExact(maxInputs));
        }
        long factorSamples = from.integer("factorSamples");
        if (factorSamples != KroneckerFisher.Options.UNLIMITED) {
            factored.factorSamples(Math.toIntExact(factorSamples));
        }
        factored.asynchronousInverses(from.flag("asynchronousInverses"));
        factored.gradualStart(from.flag("gradualStart"));
    }

    private static LevenbergMarquardt levenbergMarquardt(CheckpointState from) {
        return new LevenbergMarquardt(
                Math.toIntExact(from.integer("interval")),
                from.number("decay"),
                from.number("lower"),
                from.number("upper"),
                from.number("minimum"),
                from.number("maximum"));
    }

    private static DivergenceGuard divergenceGuard(CheckpointState from) {
        return new DivergenceGuard(from.number("lossFactor"), from.number("dampingFactor"), from.number("recovery"));
    }

    /** DL4J's own JSON of its schedules. */
    private static String toJson(ISchedule schedule) {
        try {
            return NeuralNetConfiguration.mapper().writerFor(ISchedule.class).writeValueAsString(schedule);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The damping schedule " + schedule + " cannot be written as JSON", e);
        }
    }

    private static ISchedule fromJson(String json) {
        try {
            return NeuralNetConfiguration.mapper().readValue(json, ISchedule.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its damping schedule cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
