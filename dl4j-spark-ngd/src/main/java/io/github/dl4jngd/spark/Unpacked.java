package io.github.dl4jngd.spark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The things that a process made last, by name: an executor's tasks share a network, θ and a direction, and the next
 * step's replace them.
 *
 * @param <T> what is kept
 */
final class Unpacked<T> {

    private final Map<String, T> latest;

    Unpacked(int most) {
        this.latest = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
                return size() > most;
            }
        };
    }

    synchronized T get(String name, Supplier<T> made) {
        T known = latest.get(name);
        if (known == null) {
            known = made.get();
            latest.put(name, known);
        }
        return known;
    }
}
