package io.github.dl4jngd.datasets.internal.paint;

import java.util.List;

/**
 * Silhouettes of clothing of 28×28 pixels, bright on black, in [-1, 1]² under random distortion, with a texture and
 * shading.
 */
final class ClothingPainter implements Painter {

    private static final int SIDE = 28;
    private static final Texture[] TEXTURES = Texture.values();

    private final Raster shape = new Raster(SIDE);
    private final Raster detail = new Raster(SIDE);

    @Override
    public void paint(int label, SplitMix64 random, byte[] pixels, int offset) {
        Affine map = Affine.of(
                random.uniform(8, 13) * (random.chance(0.5) ? 1 : -1),
                random.uniform(8, 13),
                random.uniform(-0.2, 0.2),
                random.uniform(-0.3, 0.3),
                14 + random.uniform(-2.5, 2.5),
                14 + random.uniform(-2.5, 2.5));
        shape.clear();
        detail.clear();
        draw(label, random, map);
        Texture texture = TEXTURES[random.nextInt(TEXTURES.length)];
        double bright = random.uniform(110, 255);
        double dark = bright * random.uniform(0.35, 0.85);
        double slope = random.uniform(-2.5, 2.5);
        double period = random.uniform(3.5, 8);
        double phase = random.nextDouble();
        boolean turned = random.chance(0.5);
        float[] covered = shape.coverage();
        float[] marked = detail.coverage();
        for (int p = 0; p < covered.length; p++) {
            int x = p % SIDE;
            int y = p / SIDE;
            double u = x / period + phase;
            double v = y / period + phase;
            double mix = turned ? texture.at(v, u) : texture.at(u, v);
            double value = bright + (dark - bright) * mix + slope * (x - 14) + random.uniform(-12, 12);
            value *= 1 - 0.65 * marked[p];
            pixels[offset + p] = Painter.toByte(covered[p] * value);
        }
    }

    private void draw(int label, SplitMix64 random, Affine map) {
        double w = random.uniform(0.42, 0.58);
        switch (label) {
            case 0 -> top(random, map, w, random.uniform(0.6, 0.9), random.uniform(-0.45, -0.15));
            case 1 -> trouser(random, map);
            case 2 -> top(random, map, w, random.uniform(0.6, 0.85), random.uniform(0.35, 0.75));
            case 3 -> dress(random, map);
            case 4 -> {
                top(random, map, w, random.uniform(0.8, 0.98), random.uniform(0.35, 0.75));
                mark(map, 0.5, 0, -0.6, 0, 0.95);
            }
            case 5 -> sandal(random, map);
            case 6 -> shirt(random, map, w);
            case 7 -> sneaker(random, map);
            case 8 -> bag(random, map);
            default -> boot(random, map);
        }
    }

    /** Body, neck and two sleeves that end at a height. */
    private void top(SplitMix64 random, Affine map, double w, double hem, double cuff) {
        double neck = random.uniform(0.15, 0.3);
        double dip = random.uniform(-0.75, -0.5);
        double out = w + (cuff > 0 ? random.uniform(0.22, 0.42) : random.uniform(0.3, 0.5));
        double sleeve = random.uniform(0.16, 0.26);
        fill(map, mirrored(0, dip, neck, -0.85, w, -0.75, out, cuff, out - sleeve, cuff + 0.08, w, -0.25, w, hem));
    }

    /** A top with a collar and a row of buttons, its sleeves of any length. */
    private void shirt(SplitMix64 random, Affine map, double w) {
        top(random, map, w, random.uniform(0.65, 0.95), random.uniform(-0.4, 0.75));
        mark(map, 0.5, -0.25, -0.85, 0, -0.45, 0.25, -0.85);
        for (double y = -0.25; y < 0.7; y += 0.3) {
            mark(map, 0.7, 0, y, 0, y + 0.04);
        }
    }

    private void trouser(SplitMix64 random, Affine map) {
        double waist = random.uniform(0.28, 0.42);
        double foot = random.uniform(0.35, 0.6);
        double leg = random.uniform(0.2, 0.32);
        double crotch = random.uniform(-0.45, -0.1);
        fill(map, mirrored(waist, -0.9, foot, 0.95, foot - leg, 0.95, 0, crotch));
    }

    private void dress(SplitMix64 random, Affine map) {
        double shoulder = random.uniform(0.2, 0.35);
        double waist = random.uniform(0.18, 0.32);
        double hem = random.uniform(0.35, 0.65);
        double at = random.uniform(-0.25, 0.05);
        double dip = random.uniform(-0.8, -0.55);
        fill(map, mirrored(0, dip, shoulder, -0.95, shoulder + 0.05, -0.5, waist, at, hem, 0.95));
    }

    private void sandal(SplitMix64 random, Affine map) {
        double heel = random.uniform(0.0, 0.5);
        double sole = 0.55;
        fill(map, new double[] {
            -0.9,
            sole,
            -0.2,
            sole - 0.05,
            0.9,
            sole - heel,
            0.9,
            sole + 0.15,
            0.72,
            sole + 0.15,
            0.65,
            sole - heel + 0.2,
            -0.1,
            sole + 0.12,
            -0.9,
            sole + 0.12
        });
        int straps = 2 + random.nextInt(3);
        for (int i = 0; i < straps; i++) {
            double x = -0.7 + 1.4 * i / straps + random.uniform(0, 0.2);
            double end = x + random.uniform(0.25, 0.6);
            double top = random.uniform(-0.35, 0.1);
            strap(map, x, sole, x + 0.05, top + 0.2, 0.5 * (x + end), top, end - 0.05, top + 0.25, end, sole - 0.1);
        }
    }

    private void sneaker(SplitMix64 random, Affine map) {
        double collar = random.uniform(-0.3, -0.05);
        double toe = random.uniform(0.15, 0.3);
        fill(map, new double[] {
            -0.95,
            0.6,
            -0.95,
            toe + 0.1,
            -0.7,
            toe,
            -0.2,
            collar + 0.1,
            0.1,
            collar - 0.05,
            0.35,
            collar + 0.1,
            0.85,
            collar - 0.1,
            0.95,
            0.3,
            0.95,
            0.6
        });
        mark(map, 0.6, -0.95, 0.45, 0.95, 0.45);
        mark(map, 0.4, -0.35, 0.2, -0.1, 0.02);
        mark(map, 0.4, -0.15, 0.25, 0.1, 0.07);
    }

    private void boot(SplitMix64 random, Affine map) {
        double shaft = random.uniform(-0.95, -0.6);
        double toe = random.uniform(0.2, 0.35);
        double heel = random.uniform(0, 0.25);
        double front = random.uniform(0.0, 0.2);
        fill(map, new double[] {
            -0.9,
            0.75,
            -0.9,
            toe + 0.15,
            -0.6,
            toe,
            front - 0.1,
            0.0,
            front,
            shaft,
            0.75,
            shaft,
            0.85,
            0.3,
            0.85,
            0.75 + heel,
            0.5,
            0.75 + heel,
            0.45,
            0.75
        });
        mark(map, 0.5, -0.9, 0.62, 0.85, 0.62);
    }

    private void bag(SplitMix64 random, Affine map) {
        double w = random.uniform(0.65, 0.95);
        double top = random.uniform(-0.35, 0.05);
        double taper = random.uniform(-0.15, 0.15);
        double bottom = random.uniform(0.6, 0.85);
        fill(map, new double[] {-w + taper, top, w - taper, top, w, bottom, -w, bottom});
        double handle = random.uniform(0.25, 0.5);
        double height = random.uniform(0.3, 0.6);
        shape.stroke(
                map.apply(mirrored(handle, top, handle, top - 0.6 * height, 0.5 * handle, top - height)),
                random.uniform(0.5, 1.0),
                1);
        if (random.chance(0.6)) {
            mark(map, 0.5, -w, top + 0.25, w, top + 0.25);
        }
    }

    /** The points, then their mirror images from the last to the first. */
    private static double[] mirrored(double... right) {
        double[] contour = new double[2 * right.length];
        System.arraycopy(right, 0, contour, 0, right.length);
        for (int i = 0; i < right.length; i += 2) {
            contour[contour.length - 2 - i] = -right[i];
            contour[contour.length - 1 - i] = right[i + 1];
        }
        return contour;
    }

    private void fill(Affine map, double[] contour) {
        shape.fill(List.of(map.apply(contour)));
    }

    private void strap(Affine map, double... points) {
        shape.stroke(map.apply(points), 0.9, 1);
    }

    private void mark(Affine map, double radius, double... points) {
        detail.stroke(map.apply(points), radius, 1);
    }
}
