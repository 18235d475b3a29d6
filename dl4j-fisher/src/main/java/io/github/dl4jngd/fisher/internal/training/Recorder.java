package io.github.dl4jngd.fisher.internal.training;

import java.io.IOException;
import org.nd4j.shade.jackson.core.JsonGenerator;
import org.nd4j.shade.jackson.databind.JsonSerializer;
import org.nd4j.shade.jackson.databind.SerializerProvider;
import org.nd4j.shade.jackson.databind.annotation.JsonSerialize;
import org.nd4j.shade.jackson.databind.jsontype.TypeSerializer;

/** Stands in a layer's configuration in the place of some noise and remembers what that drew. */
@JsonSerialize(using = Recorder.AsRecorded.class)
interface Recorder {

    /** The noise in whose place this stands. */
    Object recorded();

    /** Writes the noise, with its class's name, and the recorder around it for copies of the model alone. */
    final class AsRecorded extends JsonSerializer<Recorder> {

        @Override
        public void serialize(Recorder value, JsonGenerator json, SerializerProvider provider) throws IOException {
            provider.defaultSerializeValue(value.recorded(), json);
        }

        @Override
        public void serializeWithType(
                Recorder value, JsonGenerator json, SerializerProvider provider, TypeSerializer type)
                throws IOException {
            if (ConfigurationCopies.isCopying()) {
                json.writeStartObject();
                json.writeStringField("@class", value.getClass().getName());
                json.writeFieldName("recorded");
                written(value.recorded(), json, provider, type);
                json.writeEndObject();
            } else {
                written(value.recorded(), json, provider, type);
            }
        }

        private static void written(Object noise, JsonGenerator json, SerializerProvider provider, TypeSerializer type)
                throws IOException {
            provider.findValueSerializer(noise.getClass()).serializeWithType(noise, json, provider, type);
        }
    }
}
