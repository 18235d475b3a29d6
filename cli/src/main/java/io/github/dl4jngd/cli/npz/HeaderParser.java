package io.github.dl4jngd.cli.npz;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses the header text, a Python dictionary such as
 * {@code {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }}. Only what NumPy writes for plain arrays is
 * understood; everything else is an {@link IllegalArgumentException}.
 */
final class HeaderParser {

    /** ND4J's, and NumPy's before version 2. */
    private static final int MOST_DIMENSIONS = 32;

    private final String text;
    private int position;

    private HeaderParser(String text) {
        this.text = text;
    }

    static NpyHeader parse(String text) {
        Map<String, Object> fields = new HeaderParser(text).dictionary();
        String description = field(fields, "descr", String.class);
        List<Long> shape = field(fields, "shape", Shape.class).dimensions();
        boolean fortranOrder = field(fields, "fortran_order", Boolean.class);
        String code = description.isEmpty() ? "" : description.substring(1);
        NpyType type = NpyType.of(code)
                .orElseThrow(() -> new IllegalArgumentException(
                        "element type '" + description + "' is not supported, expected one of " + NpyType.supported()));
        return new NpyHeader(description, type, byteOrder(description), fortranOrder, shape);
    }

    private static ByteOrder byteOrder(String description) {
        return switch (description.charAt(0)) {
            case '<', '|' -> ByteOrder.LITTLE_ENDIAN;
            case '>' -> ByteOrder.BIG_ENDIAN;
            case '=' -> ByteOrder.nativeOrder();
            default -> throw new IllegalArgumentException("byte order of '" + description + "' is none of < > | =");
        };
    }

    private static <T> T field(Map<String, Object> fields, String key, Class<T> type) {
        Object value = fields.get(key);
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("expected '" + key + "' as a " + type.getSimpleName() + ", found "
                    + (value == null ? "nothing" : value));
        }
        return type.cast(value);
    }

    private Map<String, Object> dictionary() {
        Map<String, Object> fields = new HashMap<>();
        expect('{');
        while (!accept('}')) {
            String key = string();
            expect(':');
            fields.put(key, value());
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        if (!atEnd()) {
            throw unexpected("the end of the header");
        }
        return fields;
    }

    private Object value() {
        char next = peek();
        if (next == '\'' || next == '"') {
            return string();
        }
        if (next == '(') {
            return shape();
        }
        if (next == '[') {
            throw new IllegalArgumentException("structured element types are not supported");
        }
        if (text.startsWith("True", position)) {
            position += "True".length();
            return true;
        }
        if (text.startsWith("False", position)) {
            position += "False".length();
            return false;
        }
        throw unexpected("a string, a tuple, True or False");
    }

    private String string() {
        char quote = peek();
        if (quote != '\'' && quote != '"') {
            throw unexpected("a string");
        }
        int end = text.indexOf(quote, position + 1);
        if (end < 0) {
            throw new IllegalArgumentException("a string in the header has no end");
        }
        String value = text.substring(position + 1, end);
        position = end + 1;
        return value;
    }

    private Shape shape() {
        List<Long> dimensions = new ArrayList<>();
        expect('(');
        while (!accept(')')) {
            dimensions.add(dimension());
            if (dimensions.size() > MOST_DIMENSIONS) {
                throw new IllegalArgumentException("the shape has more than " + MOST_DIMENSIONS + " dimensions");
            }
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return new Shape(List.copyOf(dimensions));
    }

    private long dimension() {
        peek();
        int start = position;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            position++;
        }
        if (position == start) {
            throw unexpected("a dimension");
        }
        String digits = text.substring(start, position);
        accept('L'); // Python 2 wrote long integers so
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("dimension " + digits + " is too large", e);
        }
    }

    /** The next character that is not white space, 0 at the end. */
    private char peek() {
        return atEnd() ? 0 : text.charAt(position);
    }

    /** Whether only white space follows, which is skipped. */
    private boolean atEnd() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
        return position == text.length();
    }

    private boolean accept(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        position++;
        return true;
    }

    private void expect(char wanted) {
        if (!accept(wanted)) {
            throw unexpected("'" + wanted + "'");
        }
    }

    private IllegalArgumentException unexpected(String expected) {
        String actual = atEnd() ? "the end" : "'" + text.charAt(position) + "'";
        return new IllegalArgumentException(
                "at character " + position + " of the header: expected " + expected + ", found " + actual);
    }

    private record Shape(List<Long> dimensions) {}
}
