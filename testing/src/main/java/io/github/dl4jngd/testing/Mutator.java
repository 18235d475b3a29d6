package io.github.dl4jngd.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages bytes as disks, transfers and people with editors do, and as attackers would. The same seed does the same
 * damage.
 */
public final class Mutator {

    private static final int MOST_DAMAGES = 4;
    private static final int LONGEST_EXTENSION = 64;
    private static final byte[] BYTES = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff};
    private static final long[] INTEGERS = {
        0, 1, -1, 2, 255, 256, 0x7fff, 0x8000, 0xffff, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE
    };
    private static final byte[] DIGITS = {'0', '1', '9', '-', '+', '.', ',', ' ', 'e', '\n', '"', '\''};

    /** What one damage does; what does not fit (nothing to delete, no digit) returns the bytes as they are. */
    @FunctionalInterface
    private interface Damage {
        byte[] on(byte[] bytes);
    }

    private final SplittableRandom random;
    private final List<Damage> damages = List.of(
            this::flipBit,
            this::replaceByte,
            this::replaceRandomly,
            this::overwriteInteger,
            this::changeDigit,
            this::truncate,
            this::extend,
            this::deleteChunk,
            this::duplicateChunk,
            this::swapChunks);

    /**
     * A source of damage.
     *
     * @param seed determines it
     */
    public Mutator(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A damaged copy: one damage or a few. */
    public byte[] mutate(byte[] sound) {
        byte[] bytes = sound.clone();
        for (int left = 1 + random.nextInt(MOST_DAMAGES); left > 0; left--) {
            bytes = choose(damages).on(bytes);
        }
        return bytes;
    }

    /** One of several, each as likely. */
    public <T> T choose(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** 0 to bound − 1. */
    public int nextInt(int bound) {
        return random.nextInt(bound);
    }

    private byte[] flipBit(byte[] bytes) {
        if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private byte[] replaceByte(byte[] bytes) {
        if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = BYTES[random.nextInt(BYTES.length)];
        }
        return bytes;
    }

    private byte[] replaceRandomly(byte[] bytes) {
        if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private byte[] overwriteInteger(byte[] bytes) {
        int size = 2 << random.nextInt(3);
        if (bytes.length < size) {
            return bytes;
        }
        ByteBuffer buffer =
                ByteBuffer.wrap(bytes).order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        int at = random.nextInt(bytes.length - size + 1);
        long value = INTEGERS[random.nextInt(INTEGERS.length)];
        switch (size) {
            case Short.BYTES -> buffer.putShort(at, (short) value);
            case Integer.BYTES -> buffer.putInt(at, (int) value);
            default -> buffer.putLong(at, value);
        }
        return bytes;
    }

    private byte[] changeDigit(byte[] bytes) {
        int start = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        for (int i = start; i < bytes.length; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                bytes[i] = DIGITS[random.nextInt(DIGITS.length)];
                break;
            }
        }
        return bytes;
    }

    private byte[] truncate(byte[] bytes) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }

    private byte[] extend(byte[] bytes) {
        byte[] extended = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(LONGEST_EXTENSION));
        if (random.nextBoolean()) { // otherwise zeros
            for (int i = bytes.length; i < extended.length; i++) {
                extended[i] = (byte) random.nextInt(256);
            }
        }
        return extended;
    }

    private byte[] deleteChunk(byte[] bytes) {
        int from = random.nextInt(bytes.length + 1);
        int to = from + random.nextInt(bytes.length - from + 1);
        return join(bytes, 0, from, to, bytes.length);
    }

    private byte[] duplicateChunk(byte[] bytes) {
        int from = random.nextInt(bytes.length + 1);
        int to = from + random.nextInt(bytes.length - from + 1);
        return join(bytes, 0, to, from, bytes.length);
    }

    private byte[] swapChunks(byte[] bytes) {
        int middle = random.nextInt(bytes.length + 1);
        int from = random.nextInt(middle + 1);
        int to = middle + random.nextInt(bytes.length - middle + 1);
        byte[] swapped = join(bytes, 0, from, middle, to);
        return concatenate(swapped, join(bytes, from, middle, to, bytes.length));
    }

    /** Two ranges, one after the other. */
    private static byte[] join(byte[] bytes, int from, int to, int secondFrom, int secondTo) {
        return concatenate(Arrays.copyOfRange(bytes, from, to), Arrays.copyOfRange(bytes, secondFrom, secondTo));
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
