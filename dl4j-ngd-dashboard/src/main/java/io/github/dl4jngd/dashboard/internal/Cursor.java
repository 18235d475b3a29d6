package io.github.dl4jngd.dashboard.internal;

import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * What somebody knows of a run: of each series the bucket, the number of rows and the version. As text it is opaque to
 * the page, which sends back what it was given.
 *
 * @param session the server that it is of
 * @param generation of the run
 * @param known by kind of series
 */
record Cursor(String session, int generation, Map<Row.Kind, Known> known) {

    /** What is known before anything was asked. */
    static final Cursor NOTHING = new Cursor("", -1, Map.of());

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{1,16}(\\.\\d{1,9}){10}");

    /**
     * What is known of a series.
     *
     * @param bucket how many readings a row stands for
     * @param rows how many rows
     * @param version of the series
     */
    record Known(int bucket, int rows, long version) {
        private static final Known NONE = new Known(0, 0, -1);
    }

    /** Of a series of which nothing is known, the version is negative. */
    Known known(Row.Kind kind) {
        return known.getOrDefault(kind, Known.NONE);
    }

    /** Reads a cursor; what is none knows nothing. */
    static Cursor of(String text) {
        if (!FORM.matcher(text).matches()) {
            return NOTHING;
        }
        List<String> parts = List.of(text.split("\\.", -1));
        Map<Row.Kind, Known> known = new EnumMap<>(Row.Kind.class);
        Iterator<String> numbers = parts.listIterator(2);
        for (Row.Kind kind : Row.Kind.values()) {
            int bucket = Integer.parseInt(numbers.next());
            int rows = Integer.parseInt(numbers.next());
            known.put(kind, new Known(bucket, rows, Long.parseLong(numbers.next())));
        }
        return new Cursor(parts.get(0), Integer.parseInt(parts.get(1)), known);
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(".").add(session).add(Integer.toString(generation));
        for (Row.Kind kind : Row.Kind.values()) {
            Known each = known(kind);
            text.add(Integer.toString(each.bucket))
                    .add(Integer.toString(each.rows))
                    .add(Long.toString(Math.max(0, each.version)));
        }
        return text.toString();
    }
}
