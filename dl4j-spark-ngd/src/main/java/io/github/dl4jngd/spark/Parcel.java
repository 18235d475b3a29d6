package io.github.dl4jngd.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.UUID;

/**
 * An object as bytes of Java's own serialisation, so that it does not matter which serialiser Spark has, and a name
 * that no other parcel has, under which a process keeps what it unpacked.
 */
final class Parcel implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String name;
    private final byte[] bytes;

    private Parcel(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    static Parcel of(Serializable object) {
        return new Parcel(UUID.randomUUID().toString(), pack(object));
    }

    static byte[] pack(Serializable object) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** What was packed. Classes come from where this one does: executors load users' jars apart from Spark's. */
    static <T> T unpack(byte[] bytes, Class<T> type) {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
                try {
                    return Class.forName(description.getName(), false, Parcel.class.getClassLoader());
                } catch (ClassNotFoundException e) {
                    return super.resolveClass(description);
                }
            }
        }) {
            return type.cast(in.readObject());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("The class path of this process lacks " + e.getMessage(), e);
        }
    }

    String name() {
        return name;
    }

    <T> T unpack(Class<T> type) {
        return unpack(bytes, type);
    }

    int size() {
        return bytes.length;
    }
}
