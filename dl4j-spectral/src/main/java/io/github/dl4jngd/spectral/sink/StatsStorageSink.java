package io.github.dl4jngd.spectral.sink;

import java.util.UUID;
import org.deeplearning4j.core.storage.StatsStorageRouter;

/**
 * Puts readings into one of DL4J's statistics storages, where they are kept with a run. They are {@link StoredReading}s
 * of type {@value #TYPE}. Needs {@code deeplearning4j-core} on the class path, which this library does not bring.
 */
public final class StatsStorageSink implements Sink {

    /** The readings' type in the storage. */
    public static final String TYPE = "dl4j-ngd-readings";

    /** The readings' worker in the storage. */
    public static final String WORKER = "training";

    private final StatsStorageRouter storage;
    private final String session;
    private long last;

    /**
     * Creates a sink with a session of its own.
     *
     * @param storage where to
     */
    public StatsStorageSink(StatsStorageRouter storage) {
        this(storage, UUID.randomUUID().toString());
    }

    /**
     * Creates a sink that writes to a statistics storage.
     *
     * @param storage where to
     * @param session the run's session id, such as that of a DL4J StatsListener
     */
    public StatsStorageSink(StatsStorageRouter storage, String session) {
        this.storage = storage;
        this.session = session;
    }

    /**
     * The session that the readings belong to.
     *
     * @return its session id
     */
    public String session() {
        return session;
    }

    @Override
    public void accept(Reading reading) {
        boolean first = last == 0;
        // a storage tells updates apart by their time
        last = Math.max(last + 1, System.currentTimeMillis());
        StoredReading stored = new StoredReading(session, last, reading);
        if (first) {
            // a storage lists sessions that have such an entry
            storage.putStaticInfo(stored);
        }
        storage.putUpdate(stored);
    }
}
