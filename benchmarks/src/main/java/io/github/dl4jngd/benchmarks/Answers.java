package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.benchmarks.Probe.Measure;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a process of its own answers to some measures. */
final class Answers {

    private Answers() {}

    static Map<Measure, String> of(String classPath, Map<String, String> environment, List<Measure> measures) {
        Map<Measure, String> answers = new EnumMap<>(Measure.class);
        List<String> names = measures.stream().map(Measure::name).toList();
        for (String line : FreshProcess.output(Probe.class, classPath, environment, names)) {
            int equals = line.indexOf('=');
            if (equals > 0 && names.contains(line.substring(0, equals))) {
                answers.put(Measure.valueOf(line.substring(0, equals)), line.substring(equals + 1));
            }
        }
        return answers;
    }

    /** The faster of two rounds, number by number; what is no number of a time or rate stays. */
    static Map<Measure, String> faster(Map<Measure, String> first, Map<Measure, String> second) {
        Map<Measure, String> result = new EnumMap<>(first);
        second.forEach((measure, value) -> {
            switch (measure) {
                case VERSION, KERNELS, POTRF -> {}
                case SGEMM, DGEMM -> {
                    if (Double.parseDouble(value) > Double.parseDouble(result.get(measure))) {
                        result.put(measure, value);
                    }
                }
                default -> {
                    if (Double.parseDouble(value) < Double.parseDouble(result.get(measure))) {
                        result.put(measure, value);
                    }
                }
            }
        });
        return result;
    }
}
