package io.github.dl4jngd.ui;

import io.github.dl4jngd.spectral.sink.StatsStorageSink;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.core.storage.StatsStorageEvent;
import org.deeplearning4j.ui.VertxUIServer;
import org.deeplearning4j.ui.api.Route;
import org.deeplearning4j.ui.api.UIModule;
import org.deeplearning4j.ui.i18n.I18NResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tab <i>Sharpness</i> of Deeplearning4j's training UI: whether the learning rate is too large, and in which layer.
 * The UI finds it by itself where this module is on the class path. It shows the readings that a
 * {@link StatsStorageSink} has put into the storages that are attached to the UI.
 *
 * <pre>{@code
 * StatsStorage storage = new InMemoryStatsStorage();
 * UIServer.getInstance().attach(storage);
 * StatsListener stats = new StatsListener(storage);
 * net.setListeners(stats, FisherSpectrumListener.builder().every(50).perLayer()
 *         .sink(new StatsStorageSink(storage, stats.getSessionID())).build());
 * }</pre>
 *
 * <p>The tab only reads, and answers whomever the UI answers: that one listens at all addresses of the machine and
 * knows no password.
 */
public final class SharpnessModule implements UIModule {

    private static final Logger log = LoggerFactory.getLogger(SharpnessModule.class);

    private final StoredRuns runs = new StoredRuns();

    /** Creates the tab; for {@link java.util.ServiceLoader}. */
    public SharpnessModule() {}

    /** None: readings are looked for when somebody asks for them. */
    @Override
    public List<String> getCallbackTypeIDs() {
        return List.of();
    }

    @Override
    public List<Route> getRoutes() {
        try {
            Tab tab = new Tab(runs, VertxUIServer.getMultiSession().get());
            NavigationEntry.add(tab.link());
            return tab.routes();
        } catch (IOException | RuntimeException | LinkageError e) {
            // the UI starts without the tab
            log.warn("Deeplearning4j's UI has no tab Sharpness", e);
            return List.of();
        }
    }

    /** Does nothing: the UI has one thread for all modules, which an exception here would end. */
    @Override
    public void reportStorageEvents(Collection<StatsStorageEvent> events) {}

    @Override
    public void onAttach(StatsStorage storage) {
        runs.add(storage);
    }

    @Override
    public void onDetach(StatsStorage storage) {
        runs.remove(storage);
    }

    @Override
    public List<I18NResource> getInternationalizationResources() {
        return List.of();
    }
}
