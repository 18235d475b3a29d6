package io.github.dl4jngd.dashboard.internal;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Runs that somebody else finds, each with one source. */
final class GivenRuns extends Runs {

    private final String place;
    private final Supplier<Map<String, RunSource>> sources;

    GivenRuns(String place, Supplier<Map<String, RunSource>> sources) {
        this.place = place;
        this.sources = sources;
    }

    @Override
    String place() {
        return place;
    }

    @Override
    void find() {
        sources.get().forEach((name, source) -> run(name).add(source));
    }

    @Override
    Optional<JsonNode> report(Run run) {
        return Optional.empty();
    }

    @Override
    boolean tooMany() {
        return false;
    }
}
