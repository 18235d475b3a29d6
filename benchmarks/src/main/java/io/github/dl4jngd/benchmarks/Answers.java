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

    /** The faster of two rounds, number by number. Of factorisations that are right the worse round counts. */
    static Map<Measure, String> faster(Map<Measure, String> first, Map<Measure, String> second) {
        Map<Measure, String> result = new EnumMap<>(first);
        second.forEach((measure, value) -> {
            switch (measure) {
                case VERSION, KERNELS -> {}
                case POTRF -> {
                    if (right(value) < right(result.get(measure))) {
                        result.put(measure, value);
                    }
                }
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

    private static int right(String fraction) {
        return Integer.parseInt(fraction.substring(0, fraction.indexOf('/')));
    }
}
