package io.github.dl4jngd.spectral.sink;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.deeplearning4j.core.storage.StatsStorageRouter;

/**
 * Puts readings into one of DL4J's statistics storages, where they are kept with a run. They are {@link StoredReading}s
 * of type {@value #TYPE}, and their worker is their {@link Reading#kind()}. Needs {@code deeplearning4j-core} on the
 * class path, which this library does not bring.
 *
 * <p>Any number of sinks may share a session, such as that of DL4J's own StatsListener.
 */
public final class StatsStorageSink implements Sink {

    /** The readings' type in the storage. */
    public static final String TYPE = "dl4j-ngd-readings";

    /** The worker in the storage of readings that name no other kind. */
    public static final String WORKER = "training";

    /**
     * The time of the last update of all sinks: a storage tells updates of a session apart by their millisecond, and
     * forgets one of two that have the same.
     */
    private static final AtomicLong LAST = new AtomicLong();

    private final StatsStorageRouter storage;
    private final String session;
    /** Of which kinds the storage has heard. */
    private final Set<String> kinds = new TreeSet<>();

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
    public void accept(Reading reading) throws IOException {
        StoredReading stored = new StoredReading(session, nextTime(), reading);
        if (kinds.add(reading.kind())) {
            // a storage lists sessions that have such an entry
            storage.putStaticInfo(stored);
        }
        storage.putUpdate(stored);
    }

    private static long nextTime() {
        long now = System.currentTimeMillis();
        return LAST.updateAndGet(last -> Math.max(last + 1, now));
    }
}
