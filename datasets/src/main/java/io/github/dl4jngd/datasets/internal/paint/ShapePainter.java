package io.github.dl4jngd.datasets.internal.paint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A textured shape before a textured background, 32×32 pixels in red, green and blue. */
final class ShapePainter implements Painter {

    private static final int SIDE = 32;
    private static final Shape[] SHAPES = Shape.values();
    private static final Texture[] TEXTURES = Texture.values();
    private static final List<String> COLOURS = List.of("red", "yellow", "green", "blue", "violet");
    private static final double[] HUES = {0.0, 0.15, 0.36, 0.6, 0.82};
    private static final int HUNDRED_SHAPES = 5;

    private final boolean hundred;
    private final Raster raster = new Raster(SIDE);
    private final double[] front = new double[3];
    private final double[] frontOther = new double[3];
    private final double[] back = new double[3];
    private final double[] backOther = new double[3];

    private ShapePainter(boolean hundred) {
        this.hundred = hundred;
    }

    static ShapePainter tenShapes() {
        return new ShapePainter(false);
    }

    static ShapePainter hundredCombinations() {
        return new ShapePainter(true);
    }

    static List<String> tenNames() {
        return Arrays.stream(SHAPES).map(Shape::displayName).toList();
    }

    static List<String> hundredNames() {
        List<String> names = new ArrayList<>();
        for (int shape = 0; shape < HUNDRED_SHAPES; shape++) {
            for (Texture texture : TEXTURES) {
                for (String colour : COLOURS) {
                    names.add("%s %s %s"
                            .formatted(texture.name().toLowerCase(Locale.ROOT), colour, SHAPES[shape].displayName()));
                }
            }
        }
        return names;
    }

    @Override
    public void paint(int label, SplitMix64 random, byte[] pixels, int offset) {
        Shape shape;
        Texture texture;
        double hue;
        if (hundred) {
            shape = SHAPES[label / 20];
            texture = TEXTURES[label / 5 % 4];
            hue = HUES[label % 5] + random.uniform(-0.05, 0.05);
        } else {
            shape = SHAPES[label];
            texture = TEXTURES[random.nextInt(TEXTURES.length)];
            hue = random.chance(0.5) ? label / 10.0 + random.uniform(-0.1, 0.1) : random.nextDouble();
        }
        colour(front, hue, random.uniform(0.6, 1), random.uniform(150, 250));
        shade(front, frontOther, random.uniform(0.25, 0.5));
        colour(back, random.nextDouble(), random.uniform(0, 0.5), random.uniform(50, 200));
        shade(back, backOther, random.uniform(0.6, 1.3));
        double size = random.uniform(8.5, 13);
        double angle = random.uniform(-0.4, 0.4);
        double reach = 15 - size;
        Affine map = Affine.of(
                size * random.uniform(0.85, 1.1),
                size,
                random.uniform(-0.15, 0.15),
                angle,
                16 + random.uniform(-reach, reach),
                16 + random.uniform(-reach, reach));
        raster.clear();
        raster.fill(shape.mapped(map));
        Affine grain = grain(random, random.uniform(4, 6.5), angle);
        Texture backTexture = TEXTURES[random.nextInt(TEXTURES.length)];
        Affine backGrain = grain(random, random.uniform(6, 14), random.uniform(0, 3));
        render(random, texture, grain, backTexture, backGrain, pixels, offset);
    }

    private void render(
            SplitMix64 random,
            Texture texture,
            Affine grain,
            Texture backTexture,
            Affine backGrain,
            byte[] pixels,
            int offset) {
        float[] coverage = raster.coverage();
        for (int p = 0; p < coverage.length; p++) {
            int x = p % SIDE;
            int y = p / SIDE;
            float covered = coverage[p];
            double mix = covered == 0 ? 0 : texture.at(grain.x(x, y), grain.y(x, y));
            double backMix = covered == 1 ? 0 : backTexture.at(backGrain.x(x, y), backGrain.y(x, y));
            double noise = random.uniform(-18, 18);
            for (int channel = 0; channel < 3; channel++) {
                double inside = front[channel] + (frontOther[channel] - front[channel]) * mix;
                double outside = back[channel] + (backOther[channel] - back[channel]) * backMix;
                double value = outside + (inside - outside) * covered + noise;
                pixels[offset + channel * SIDE * SIDE + p] = Painter.toByte(value);
            }
        }
    }

    /** The map from pixels to texture coordinates. */
    private static Affine grain(SplitMix64 random, double period, double angle) {
        return Affine.of(1 / period, 1 / period, 0, angle, random.nextDouble(), random.nextDouble());
    }

    private static void shade(double[] colour, double[] shaded, double factor) {
        for (int i = 0; i < 3; i++) {
            shaded[i] = Math.min(255, colour[i] * factor);
        }
    }

    /** Hue (of period 1), saturation and value to red, green, blue. */
    private static void colour(double[] rgb, double hue, double saturation, double value) {
        for (int i = 0; i < 3; i++) {
            double t = hue + (3 - i) % 3 / 3.0;
            double fraction = t - Math.floor(t);
            double pure = Math.max(0, Math.min(1, Math.abs(6 * fraction - 3) - 1));
            rgb[i] = value * (1 - saturation * (1 - pure));
        }
    }
}
