package io.github.dl4jngd.ui;

import io.github.dl4jngd.dashboard.internal.Row;
import io.github.dl4jngd.dashboard.internal.RunSource;
import io.github.dl4jngd.dashboard.internal.Stamp;
import io.github.dl4jngd.spectral.sink.StatsStorageSink;
import io.github.dl4jngd.spectral.sink.StoredReading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.deeplearning4j.core.storage.Persistable;
import org.deeplearning4j.core.storage.StatsStorage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The readings of a session, in whichever of the attached storages they are, in the order in which they were taken. A
 * reading that lies in several storages, or was put into one by two sinks, is read once.
 */
final class StoredReadings implements RunSource {

    private static final Logger log = LoggerFactory.getLogger(StoredReadings.class);

    /** Readings that are taken for one answer. */
    private static final int MOST_AT_ONCE = 2_000;

    private final String session;
    private final List<StatsStorage> storages;

    private final Queue<Found> waiting = new ArrayDeque<>();
    private final Set<Place> taken = new HashSet<>();
    private final Set<Content> seen = new HashSet<>();
    private Stamp read = Stamp.NONE;
    private long lastTime = Long.MIN_VALUE;
    private boolean more;

    /** The last that could not be had; null before there was one. */
    private Place failed;

    /**
     * The readings of a session; nothing is read yet.
     *
     * @param storages those that are attached at any time
     */
    StoredReadings(String session, List<StatsStorage> storages) {
        this.session = session;
        this.storages = storages;
    }

    /** Where a reading is: a storage keeps one for each worker and millisecond. */
    private record Place(String worker, long time) {}

    /** What tells a reading from others, wherever it is. */
    private record Content(String worker, int iteration, int epoch, int hashOfValues) {}

    /** A reading that has not been read. */
    private record Found(StatsStorage storage, Place place) {}

    static boolean isIn(StatsStorage storage, String session) {
        return storage.listTypeIDsForSession(session).contains(StatsStorageSink.TYPE);
    }

    private static List<String> workers(StatsStorage storage, String session) {
        return storage.listWorkerIDsForSessionAndType(session, StatsStorageSink.TYPE);
    }

    @Override
    public Object id() {
        return session;
    }

    @Override
    public Stamp look() {
        long count = 0;
        long modified = 0;
        boolean there = false;
        for (StatsStorage storage : storages) {
            try {
                for (String worker : workers(storage, session)) {
                    count += storage.getNumUpdateRecordsFor(session, StatsStorageSink.TYPE, worker);
                    Persistable latest = storage.getLatestUpdate(session, StatsStorageSink.TYPE, worker);
                    modified = Math.max(modified, latest == null ? 0 : latest.getTimeStamp());
                    there = true;
                }
            } catch (RuntimeException | LinkageError e) {
                log.debug("A storage cannot be read", e); // closed, or just being written
            }
        }
        return there ? new Stamp(count, modified, "") : Stamp.NONE;
    }

    @Override
    public boolean read(Stamp now, long budget, Readings to) {
        if (!more && now.equals(read)) {
            return false;
        }
        try {
            if (waiting.isEmpty()) {
                waiting.addAll(found());
            }
            if (!waiting.isEmpty() && waiting.element().place.time < lastTime) {
                // one that came late, as from another storage: all are read again, in their order
                forget();
                to.restart();
                waiting.addAll(found());
            }
            for (int i = 0; i < MOST_AT_ONCE && !waiting.isEmpty(); i++) {
                take(waiting.element(), to);
                waiting.remove();
            }
            more = !waiting.isEmpty();
            read = now;
        } catch (RuntimeException | LinkageError e) {
            log.debug("A storage cannot be read", e);
            passOver(to);
            more = false; // the next time says
        }
        return more;
    }

    /** A reading that cannot be had is tried again, once; its storage may be gone, and then so is the reading. */
    private void passOver(Readings to) {
        Place place = waiting.isEmpty() ? null : waiting.element().place;
        if (place != null && place.equals(failed)) {
            taken.add(place);
            to.leftOut();
        }
        failed = place;
        waiting.clear();
    }

    /** What has not been read, by its time. */
    private List<Found> found() {
        List<Found> found = new ArrayList<>();
        Set<Place> places = new HashSet<>();
        for (StatsStorage storage : storages) {
            try {
                for (String worker : workers(storage, session)) {
                    for (long time : storage.getAllUpdateTimes(session, StatsStorageSink.TYPE, worker)) {
                        Place place = new Place(worker, time);
                        if (!taken.contains(place) && places.add(place)) {
                            found.add(new Found(storage, place));
                        }
                    }
                }
            } catch (RuntimeException | LinkageError e) {
                log.debug("A storage cannot be read", e); // closed, or just being written
            }
        }
        found.sort(Comparator.comparingLong(each -> each.place.time));
        return found;
    }

    private void take(Found found, Readings to) {
        Place place = found.place;
        Persistable update = found.storage.getUpdate(session, StatsStorageSink.TYPE, place.worker, place.time);
        taken.add(place);
        lastTime = Math.max(lastTime, place.time);
        if (!(update instanceof StoredReading reading)) {
            to.leftOut();
            return;
        }
        int hash = reading.values().hashCode();
        if (seen.add(new Content(place.worker, reading.iteration(), reading.epoch(), hash))) {
            to.accept(Row.of(reading.iteration(), reading.epoch(), reading.values(), reading.details()));
        }
    }

    @Override
    public void forget() {
        waiting.clear();
        taken.clear();
        seen.clear();
        read = Stamp.NONE;
        lastTime = Long.MIN_VALUE;
        more = false;
    }
}
