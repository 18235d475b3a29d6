package io.github.dl4jngd.ui;

import io.github.dl4jngd.dashboard.internal.RunSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.deeplearning4j.core.storage.StatsStorage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions of all attached storages that have readings, each a run. Safe for several threads. */
final class StoredRuns implements Supplier<Map<String, RunSource>> {

    private static final Logger log = LoggerFactory.getLogger(StoredRuns.class);

    /** Sessions that are shown at most. */
    private static final int MOST = 5_000;

    private final List<StatsStorage> storages = new CopyOnWriteArrayList<>();
    private final Map<String, RunSource> sessions = new LinkedHashMap<>();

    void add(StatsStorage storage) {
        storages.add(storage);
    }

    void remove(StatsStorage storage) {
        storages.removeIf(each -> each == storage);
    }

    /** Whether a storage has a session, with readings or without. */
    boolean has(String session) {
        return storages.stream().anyMatch(storage -> {
            try {
                return storage.sessionExists(session);
            } catch (RuntimeException | LinkageError e) {
                log.debug("A storage cannot be read", e);
                return false;
            }
        });
    }

    /** All sessions that there have been; one whose storages are gone has nothing to read. */
    @Override
    public synchronized Map<String, RunSource> get() {
        for (StatsStorage storage : storages) {
            try {
                storage.listSessionIDs().stream()
                        .filter(session -> sessions.size() < MOST && StoredReadings.isIn(storage, session))
                        .forEach(session -> sessions.computeIfAbsent(session, id -> new StoredReadings(id, storages)));
            } catch (RuntimeException | LinkageError e) {
                log.debug("A storage cannot be read", e); // closed, or just being written
            }
        }
        return new LinkedHashMap<>(sessions);
    }
}
