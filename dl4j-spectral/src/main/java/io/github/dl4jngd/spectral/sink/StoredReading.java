package io.github.dl4jngd.spectral.sink;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.core.storage.Persistable;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.type.TypeReference;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * A reading in one of DL4J's statistics storages, with its numbers and details, in a format of its own. Format 1, which
 * had neither details nor a kind, is read, too.
 */
public final class StoredReading implements Persistable {

    private static final long serialVersionUID = 1L;
    private static final int FORMAT_1 = 0x4e474431;
    private static final int FORMAT_2 = 0x4e474432;
    private static final int MOST_VALUES = 100_000;
    private static final int MOST_BYTES = 1 << 28;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The session that the reading belongs to. */
    private String session = "";

    /** What kind of reading it is. */
    private String kind = StatsStorageSink.WORKER;

    /** Milliseconds since 1970. */
    private long timeStamp;

    /** The model's iteration. */
    private int iteration;

    /** The model's epoch. */
    private int epoch;

    /** The numbers. */
    private LinkedHashMap<String, Double> values = new LinkedHashMap<>();

    /** The details, as JSON. */
    private String details = "{}";

    /** Creates an empty reading, which {@code decode} fills. */
    public StoredReading() {}

    /**
     * Takes a reading.
     *
     * @throws IOException if its details are nothing that JSON can hold
     */
    StoredReading(String session, long timeStamp, Reading reading) throws IOException {
        this.session = session;
        this.kind = reading.kind();
        this.timeStamp = timeStamp;
        this.iteration = reading.iteration();
        this.epoch = reading.epoch();
        this.values = new LinkedHashMap<>(reading.values());
        this.details = MAPPER.writeValueAsString(reading.details());
    }

    /**
     * The iteration at which this was read.
     *
     * @return the model's iteration
     */
    public int iteration() {
        return iteration;
    }

    /**
     * The epoch in which this was read.
     *
     * @return the model's epoch
     */
    public int epoch() {
        return epoch;
    }

    /**
     * The numbers that were read, by name.
     *
     * @return as {@link Reading#values()}
     */
    public Map<String, Double> values() {
        return Collections.unmodifiableMap(values);
    }

    /**
     * What does not fit a table, as JSON has it: numbers, words, lists and maps.
     *
     * @return as {@link Reading#details()}; empty for a reading that was stored in format 1
     */
    public Map<String, Object> details() {
        try {
            return parsed(details);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> parsed(String json) throws IOException {
        return MAPPER.readValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    @Override
    public String getSessionID() {
        return session;
    }

    @Override
    public String getTypeID() {
        return StatsStorageSink.TYPE;
    }

    @Override
    public String getWorkerID() {
        return kind;
    }

    @Override
    public long getTimeStamp() {
        return timeStamp;
    }

    @Override
    public int encodingLengthBytes() {
        return encode().length;
    }

    @Override
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            encode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void encode(ByteBuffer buffer) {
        buffer.put(encode());
    }

    @Override
    public void encode(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(FORMAT_2);
        data.writeUTF(session);
        data.writeUTF(kind);
        data.writeLong(timeStamp);
        data.writeInt(iteration);
        data.writeInt(epoch);
        data.writeInt(values.size());
        for (Map.Entry<String, Double> entry : values.entrySet()) {
            data.writeUTF(entry.getKey());
            data.writeDouble(entry.getValue());
        }
        byte[] json = details.getBytes(StandardCharsets.UTF_8);
        data.writeInt(json.length);
        data.write(json);
        data.flush();
    }

    @Override
    public void decode(byte[] bytes) {
        try {
            decode(new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void decode(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        decode(bytes);
    }

    @Override
    public void decode(InputStream in) throws IOException {
        try {
            DataInputStream data = new DataInputStream(in);
            int format = data.readInt();
            if (format != FORMAT_1 && format != FORMAT_2) {
                throw new StreamCorruptedException("not a reading stored by this library");
            }
            String storedSession = data.readUTF();
            String storedKind = format == FORMAT_1 ? StatsStorageSink.WORKER : data.readUTF();
            long storedTime = data.readLong();
            int storedIteration = data.readInt();
            int storedEpoch = data.readInt();
            int count = data.readInt();
            if (count < 0 || count > MOST_VALUES) {
                throw new StreamCorruptedException("a stored reading with " + count + " numbers");
            }
            LinkedHashMap<String, Double> stored = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                String name = data.readUTF();
                if (stored.put(name, data.readDouble()) != null) {
                    throw new StreamCorruptedException("a stored reading with two numbers for " + name);
                }
            }
            String storedDetails = format == FORMAT_1 ? "{}" : json(data);
            session = storedSession;
            kind = storedKind;
            timeStamp = storedTime;
            iteration = storedIteration;
            epoch = storedEpoch;
            values = stored;
            details = storedDetails;
        } catch (EOFException e) {
            throw new StreamCorruptedException("a stored reading ends too early");
        }
    }

    private static String json(DataInputStream data) throws IOException {
        int length = data.readInt();
        if (length < 0 || length > MOST_BYTES) {
            throw new StreamCorruptedException("a stored reading with details of " + length + " bytes");
        }
        byte[] bytes = data.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        String json = new String(bytes, StandardCharsets.UTF_8);
        try {
            if (parsed(json) != null) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw (StreamCorruptedException) noObject().initCause(e);
        }
        throw noObject();
    }

    private static StreamCorruptedException noObject() {
        return new StreamCorruptedException("a stored reading whose details are no JSON object");
    }

    @Override
    public String toString() {
        return "iteration " + iteration + " " + values;
    }
}
