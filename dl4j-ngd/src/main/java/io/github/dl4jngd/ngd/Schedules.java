package io.github.dl4jngd.ngd;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/** DL4J's schedules as the JSON that DL4J writes of them. */
final class Schedules {

    private Schedules() {}

    static String toJson(ISchedule schedule) {
        try {
            return NeuralNetConfiguration.mapper().writerFor(ISchedule.class).writeValueAsString(schedule);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The damping schedule " + schedule + " cannot be written as JSON", e);
        }
    }

    static ISchedule fromJson(String json) {
        try {
            return NeuralNetConfiguration.mapper().readValue(json, ISchedule.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its damping schedule cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
