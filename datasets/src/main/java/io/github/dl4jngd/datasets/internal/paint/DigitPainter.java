package io.github.dl4jngd.datasets.internal.paint;

import java.util.List;

/** Digits of 28×28 pixels, white on black, from pen strokes in [-1, 1]² under random distortion. */
final class DigitPainter implements Painter {

    private static final int SIDE = 28;
    private static final int ARC_POINTS = 14;

    /** The points of each stroke, by digit, then by way of writing it. */
    private static final List<List<List<double[]>>> GLYPHS = List.of(
            List.of(List.of(arc(0, 0, 0.6, 0.9, 0, 360)), List.of(arc(0, 0, 0.45, 0.9, -80, 295))),
            List.of(
                    List.of(line(0, -0.9, 0, 0.9)),
                    List.of(line(-0.35, -0.5, 0.05, -0.9, 0.05, 0.9)),
                    List.of(line(-0.3, -0.55, 0, -0.9, 0, 0.9), line(-0.4, 0.9, 0.4, 0.9))),
            List.of(
                    List.of(join(arc(0, -0.4, 0.52, 0.5, 190, 395), line(-0.55, 0.9, 0.6, 0.9))),
                    List.of(join(
                            arc(0, -0.42, 0.5, 0.48, 200, 410),
                            line(-0.3, 0.75),
                            arc(-0.4, 0.72, 0.15, 0.15, 90, 270),
                            line(0.6, 0.9)))),
            List.of(
                    List.of(arc(-0.05, -0.45, 0.5, 0.45, 205, 450), arc(-0.05, 0.45, 0.58, 0.45, 270, 515)),
                    List.of(join(line(-0.5, -0.9, 0.45, -0.9, -0.05, -0.15), arc(-0.05, 0.38, 0.58, 0.52, 275, 510)))),
            List.of(
                    List.of(line(-0.15, -0.9, -0.6, 0.25, 0.65, 0.25), line(0.3, -0.4, 0.3, 0.9)),
                    List.of(line(0.3, 0.9, 0.3, -0.9, -0.6, 0.3, 0.65, 0.3)),
                    List.of(line(-0.5, -0.8, -0.5, 0.1, 0.5, 0.1), line(0.5, -0.9, 0.45, 0.9))),
            List.of(
                    List.of(join(line(0.55, -0.9, -0.4, -0.9, -0.45, -0.1), arc(0, 0.35, 0.55, 0.53, 235, 510))),
                    List.of(
                            join(line(-0.35, -0.7, -0.4, -0.05), arc(0, 0.38, 0.55, 0.5, 240, 500)),
                            line(-0.35, -0.8, 0.55, -0.85))),
            List.of(
                    List.of(arc(0.5, 0.3, 1.0, 1.2, 180, 265), arc(0, 0.42, 0.5, 0.48, 0, 360)),
                    List.of(join(line(0.25, -0.9), arc(0, 0.4, 0.5, 0.5, 190, -180)))),
            List.of(
                    List.of(line(-0.55, -0.85, 0.55, -0.85, -0.15, 0.9)),
                    List.of(line(-0.55, -0.6, -0.5, -0.85, 0.55, -0.85, 0.0, 0.1, -0.1, 0.9)),
                    List.of(line(-0.55, -0.85, 0.55, -0.85, -0.15, 0.9), line(-0.25, 0.05, 0.45, 0.05))),
            List.of(
                    List.of(arc(0, -0.45, 0.42, 0.44, 0, 360), arc(0, 0.45, 0.52, 0.45, 0, 360)),
                    List.of(join(
                            arc(0, -0.45, 0.4, 0.45, 330, 90), arc(0, 0.45, 0.5, 0.45, 270, 600), line(0.38, -0.7)))),
            List.of(
                    List.of(arc(0, -0.42, 0.5, 0.47, 0, 360), line(0.5, -0.42, 0.4, 0.9)),
                    List.of(arc(0, -0.42, 0.5, 0.47, 0, 360), arc(-0.5, -0.3, 1.0, 1.2, 0, 85)),
                    List.of(
                            arc(0, -0.42, 0.48, 0.47, -40, 320),
                            join(line(0.48, -0.6), arc(0, 0.45, 0.48, 0.42, 0, 130)))));

    private final Raster raster = new Raster(SIDE);

    @Override
    public void paint(int label, SplitMix64 random, byte[] pixels, int offset) {
        raster.clear();
        if (random.chance(0.4)) {
            clutter(random);
        }
        List<List<double[]>> variants = GLYPHS.get(label);
        List<double[]> strokes = variants.get(random.nextInt(variants.size()));
        Affine map = Affine.of(
                random.uniform(5.5, 10.5),
                random.uniform(7.5, 11),
                random.uniform(-0.4, 0.4),
                random.uniform(-0.4, 0.4),
                14 + random.uniform(-3, 3),
                14 + random.uniform(-3, 3));
        double bendX = random.uniform(-0.18, 0.18);
        double bendY = random.uniform(-0.12, 0.12);
        double phase = random.uniform(-1.5, 1.5);
        double radius = random.uniform(0.7, 1.9);
        for (double[] stroke : strokes) {
            double[] bent = new double[stroke.length];
            for (int i = 0; i < stroke.length; i += 2) {
                bent[i] = stroke[i] + bendX * StrictMath.sin(2.2 * stroke[i + 1] + phase) + random.uniform(-0.02, 0.02);
                bent[i + 1] =
                        stroke[i + 1] + bendY * StrictMath.sin(2.5 * stroke[i] + phase) + random.uniform(-0.02, 0.02);
            }
            raster.stroke(map.apply(bent), radius, 1);
        }
        double brightness = random.uniform(170, 255);
        float[] coverage = raster.coverage();
        for (int p = 0; p < coverage.length; p++) {
            double grain = coverage[p] == 0 ? 0 : random.uniform(-25, 25);
            pixels[offset + p] = Painter.toByte(brightness * coverage[p] + grain * coverage[p]);
        }
    }

    /** A short faint stroke that belongs to no digit. */
    private void clutter(SplitMix64 random) {
        double x = random.uniform(0, SIDE);
        double y = random.uniform(0, SIDE);
        double[] stroke = {x, y, x + random.uniform(-7, 7), y + random.uniform(-7, 7)};
        raster.stroke(stroke, random.uniform(0.4, 1.2), random.uniform(0.3, 0.8));
    }

    private static double[] line(double... points) {
        return points;
    }

    /** Part of an ellipse; degrees run from the right (0) through the bottom (90), left (180) and top (270). */
    private static double[] arc(double x, double y, double radiusX, double radiusY, double from, double to) {
        double[] points = new double[2 * ARC_POINTS];
        for (int i = 0; i < ARC_POINTS; i++) {
            double angle = StrictMath.toRadians(from + (to - from) * i / (ARC_POINTS - 1));
            points[2 * i] = x + radiusX * StrictMath.cos(angle);
            points[2 * i + 1] = y + radiusY * StrictMath.sin(angle);
        }
        return points;
    }

    private static double[] join(double[]... parts) {
        int length = 0;
        for (double[] part : parts) {
            length += part.length;
        }
        double[] joined = new double[length];
        int at = 0;
        for (double[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }
}
