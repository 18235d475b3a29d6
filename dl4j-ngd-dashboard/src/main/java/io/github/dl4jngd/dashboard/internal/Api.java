package io.github.dl4jngd.dashboard.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.nd4j.shade.jackson.core.JsonGenerator;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * What the page asks for, as JSON. {@code /api/runs} lists the runs; {@code /api/runs/N?after=CURSOR} has of run N what
 * whoever has the cursor does not know, with a new cursor. Numbers that are NaN or infinite are null.
 */
final class Api {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Of {@code run.json}, what is shown. */
    private static final List<String> SHOWN = List.of("status", "command", "network", "data");

    private final Runs source;
    private final String session;
    private final String version;

    /**
     * Answers from what there is of runs.
     *
     * @param session tells this server from one before it at the same address, in hexadecimal digits
     * @param version of this library
     */
    Api(Runs source, String session, String version) {
        this.source = source;
        this.session = session;
        this.version = version;
    }

    /** Writes JSON. */
    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private byte[] object(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = MAPPER.getFactory().createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("session", session);
            content.write(json);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /** The list of runs, the one that changed last first. */
    byte[] runs() throws IOException {
        List<Run> runs = source.runs();
        long now = System.currentTimeMillis();
        return object(json -> {
            json.writeStringField("version", version);
            json.writeStringField("folder", source.place());
            json.writeBooleanField("too_many", source.tooMany());
            json.writeArrayFieldStart("runs");
            for (Run run : runs) {
                json.writeStartObject();
                json.writeNumberField("number", run.number());
                json.writeStringField("name", run.name());
                json.writeNumberField("stamp", run.stamp());
                json.writeNumberField("seconds_ago", Math.max(0, now - run.modified()) / 1000.0);
                Optional<JsonNode> report = source.report(run);
                for (String each : SHOWN) {
                    JsonNode value = report.map(found -> found.path(each)).orElse(null);
                    if (value != null && value.isTextual()) {
                        json.writeStringField(each, value.asText());
                    }
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /** What is new of a run; empty where there is none of that number. */
    Optional<byte[]> run(int number, Cursor after) throws IOException {
        return source.use(number, run -> object(json -> write(json, run, after)));
    }

    private void write(JsonGenerator json, Run run, Cursor after) throws IOException {
        boolean sameRun = after.session().equals(session) && after.generation() == run.generation();
        Cursor known = sameRun ? after : Cursor.NOTHING;
        Map<Row.Kind, Cursor.Known> next = new EnumMap<>(Row.Kind.class);
        json.writeNumberField("number", run.number());
        json.writeStringField("name", run.name());
        json.writeBooleanField("reset", !sameRun);
        json.writeBooleanField("more", run.more());
        json.writeNumberField("readings", run.readings());
        json.writeNumberField("stamp", run.stamp());
        json.writeNumberField("unconverged", run.unconverged());
        json.writeNumberField("of_copies", run.ofCopies());
        json.writeNumberField("left_out", run.leftOut());
        json.writeObjectFieldStart("series");
        for (Map.Entry<Row.Kind, Series> each : run.series().entrySet()) {
            Cursor.Known before = known.known(each.getKey());
            Series series = each.getValue();
            if (before.version() == series.version()) {
                next.put(each.getKey(), before);
                continue;
            }
            Series.Part part = series.after(before.bucket(), before.rows());
            next.put(each.getKey(), new Cursor.Known(part.bucket(), part.from() + part.rows(), series.version()));
            json.writeObjectFieldStart(each.getKey().name().toLowerCase(Locale.ROOT));
            write(json, part);
            Row latest = run.latest().get(each.getKey());
            if (latest != null) {
                writeLatest(json, run, latest);
            }
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeStringField("cursor", new Cursor(session, run.generation(), next).toString());
    }

    private static void write(JsonGenerator json, Series.Part part) throws IOException {
        json.writeNumberField("bucket", part.bucket());
        json.writeNumberField("keep", part.from());
        json.writeObjectFieldStart("columns");
        for (Map.Entry<String, double[]> column : part.columns().entrySet()) {
            json.writeArrayFieldStart(column.getKey());
            for (double value : column.getValue()) {
                write(json, value);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void writeLatest(JsonGenerator json, Run run, Row latest) throws IOException {
        json.writeObjectFieldStart("latest");
        json.writeNumberField("iteration", latest.iteration());
        json.writeNumberField("epoch", latest.epoch());
        json.writeObjectFieldStart("values");
        for (Map.Entry<String, Double> value : latest.values().entrySet()) {
            json.writeFieldName(value.getKey());
            write(json, value.getValue());
        }
        json.writeEndObject();
        json.writeObjectFieldStart("details");
        for (Map.Entry<String, Object> detail : latest.details().entrySet()) {
            json.writeFieldName(detail.getKey());
            MAPPER.writeValue(json, detail.getValue());
        }
        json.writeEndObject();
        if (latest.kind() == Row.Kind.SPECTRUM) {
            json.writeNumberField("beyond", run.beyond());
            json.writeNumberField("lately", run.lately());
        }
        json.writeEndObject();
    }

    /** Whole numbers as such, others to the digits of a float: enough for a chart and half as long. */
    private static void write(JsonGenerator json, double value) throws IOException {
        float shortened = (float) value;
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            json.writeNumber((long) value);
        } else if (Float.isInfinite(shortened) || (shortened == 0 && value != 0)) {
            json.writeObject(Double.isFinite(value) ? (Object) value : null);
        } else if (Float.isNaN(shortened)) {
            json.writeNull();
        } else {
            json.writeNumber(shortened);
        }
    }
}
