package io.github.dl4jngd.zoo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** What became of a list of models, printed for whoever runs the test. */
final class Table {

    private final String title;
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

    Table(String title) {
        this.title = title;
    }

    /** Adds a model and prints its line. */
    void add(String name, Callable<Outcome> run) {
        long start = System.nanoTime();
        Outcome outcome;
        try {
            outcome = run.call();
        } catch (Exception e) {
            outcome = Outcome.failed("fails", e.toString());
        }
        outcomes.put(name, outcome);
        System.out.printf(
                "%s | %s | %s | %s | %.0f s%n",
                title,
                name,
                outcome.kind(),
                outcome.details().replaceAll("\\s+", " "),
                (System.nanoTime() - start) / 1e9);
    }

    /** Prints how many models there are of each kind. */
    void print() {
        Map<String, Integer> counts = new TreeMap<>();
        outcomes.values().forEach(outcome -> counts.merge(outcome.kind(), 1, Integer::sum));
        System.out.println(title + ": " + counts);
    }

    long trained() {
        return outcomes.values().stream().filter(Outcome::lowered).count();
    }

    /** The models that should train and do not. */
    List<String> failed() {
        return outcomes.entrySet().stream()
                .filter(entry -> entry.getValue().counts() && !entry.getValue().lowered())
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
    }
}
