package io.github.dl4jngd.onednn;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A class file, written by hand, of a class that adds nothing to its superclass but a name:
 *
 * <pre>{@code public class Name extends Superclass { public Name(Parameter p) { super(p); } }}</pre>
 *
 * <p>The Java Virtual Machine Specification, chapter 4, has the format.
 */
final class SubclassFile {
    private static final int JAVA_8 = 52;
    private static final int PUBLIC = 0x0001;
    private static final int SUPER = 0x0020;

    private SubclassFile() {}

    static byte[] of(String name, Class<?> superclass, Class<?> parameter) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(0xCAFEBABE);
            out.writeShort(0);
            out.writeShort(JAVA_8);

            out.writeShort(10); // one more than there are constants
            utf8(out, name.replace('.', '/')); // 1
            utf8(out, superclass.getName().replace('.', '/')); // 2
            utf8(out, "<init>"); // 3
            utf8(out, "(" + parameter.descriptorString() + ")V"); // 4
            utf8(out, "Code"); // 5
            constant(out, 7, 1); // 6: class Name
            constant(out, 7, 2); // 7: class Superclass
            constant(out, 12, 3, 4); // 8: <init>(Parameter)
            constant(out, 10, 7, 8); // 9: Superclass.<init>(Parameter)

            shorts(out, PUBLIC | SUPER, 6, 7, 0, 0, 1); // no interfaces, no fields, one method
            shorts(out, PUBLIC, 3, 4, 1); // the constructor, with one attribute
            out.writeShort(5); // its code
            out.writeInt(18);
            shorts(out, 2, 2); // stack and locals
            out.writeInt(6);
            out.write(new byte[] {0x2a, 0x2b, (byte) 0xb7, 0, 9, (byte) 0xb1}); // aload_0 aload_1 invokespecial return
            shorts(out, 0, 0); // no exception handlers, no attributes of the code
            out.writeShort(0); // no attributes of the class
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void utf8(DataOutputStream out, String text) throws IOException {
        out.writeByte(1);
        out.writeUTF(text);
    }

    private static void constant(DataOutputStream out, int tag, int... indices) throws IOException {
        out.writeByte(tag);
        shorts(out, indices);
    }

    private static void shorts(DataOutputStream out, int... values) throws IOException {
        for (int value : values) {
            out.writeShort(value);
        }
    }
}
