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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.core.storage.Persistable;

/** A reading in one of DL4J's statistics storages: its iteration, epoch and numbers, in a format of its own. */
public final class StoredReading implements Persistable {

    private static final long serialVersionUID = 1L;
    private static final int MAGIC = 0x4e474431;
    private static final int MOST_VALUES = 100_000;

    /** The session that the reading belongs to. */
    private String session = "";

    /** Milliseconds since 1970. */
    private long timeStamp;

    /** The model's iteration. */
    private int iteration;

    /** The model's epoch. */
    private int epoch;

    /** The numbers. */
    private LinkedHashMap<String, Double> values = new LinkedHashMap<>();

    /** Creates an empty reading, which {@code decode} fills. */
    public StoredReading() {}

    StoredReading(String session, long timeStamp, Reading reading) {
        this.session = session;
        this.timeStamp = timeStamp;
        this.iteration = reading.iteration();
        this.epoch = reading.epoch();
        this.values = new LinkedHashMap<>(reading.values());
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
        return StatsStorageSink.WORKER;
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
        data.writeInt(MAGIC);
        data.writeUTF(session);
        data.writeLong(timeStamp);
        data.writeInt(iteration);
        data.writeInt(epoch);
        data.writeInt(values.size());
        for (Map.Entry<String, Double> entry : values.entrySet()) {
            data.writeUTF(entry.getKey());
            data.writeDouble(entry.getValue());
        }
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
            if (data.readInt() != MAGIC) {
                throw new StreamCorruptedException("not a reading stored by this library");
            }
            String storedSession = data.readUTF();
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
            session = storedSession;
            timeStamp = storedTime;
            iteration = storedIteration;
            epoch = storedEpoch;
            values = stored;
        } catch (EOFException e) {
            throw new StreamCorruptedException("a stored reading ends too early");
        }
    }

    @Override
    public String toString() {
        return "iteration " + iteration + " " + values;
    }
}
