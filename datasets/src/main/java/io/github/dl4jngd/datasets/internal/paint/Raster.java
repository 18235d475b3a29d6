package io.github.dl4jngd.datasets.internal.paint;

import java.util.Arrays;
import java.util.List;

/**
 * A square of coverage values in [0, 1] with anti-aliased strokes and polygons. Points are x₀, y₀, x₁, y₁, … in pixels,
 * y downwards.
 */
final class Raster {

    private static final int SUBLINES = 3;
    private static final int MOST_CROSSINGS = 64;

    private final int side;
    private final float[] coverage;

    Raster(int side) {
        this.side = side;
        this.coverage = new float[side * side];
    }

    float[] coverage() {
        return coverage;
    }

    void clear() {
        Arrays.fill(coverage, 0f);
    }

    /** Draws an open line of round pens, with an edge one pixel soft. */
    void stroke(double[] points, double radius, double strength) {
        for (int i = 0; i + 3 < points.length; i += 2) {
            segment(points[i], points[i + 1], points[i + 2], points[i + 3], radius, strength);
        }
    }

    private void segment(double x0, double y0, double x1, double y1, double radius, double strength) {
        double reach = radius + 0.5;
        int top = clamp(Math.min(y0, y1) - reach);
        int bottom = clamp(Math.max(y0, y1) + reach + 1);
        int left = clamp(Math.min(x0, x1) - reach);
        int right = clamp(Math.max(x0, x1) + reach + 1);
        double dx = x1 - x0;
        double dy = y1 - y0;
        double lengthSquared = dx * dx + dy * dy;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                double px = x + 0.5 - x0;
                double py = y + 0.5 - y0;
                double t = lengthSquared == 0 ? 0 : (px * dx + py * dy) / lengthSquared;
                t = Math.max(0, Math.min(1, t));
                double ex = px - t * dx;
                double ey = py - t * dy;
                double distance = Math.sqrt(ex * ex + ey * ey);
                double value = strength * Math.max(0, Math.min(1, reach - distance));
                int at = y * side + x;
                coverage[at] = Math.max(coverage[at], (float) value);
            }
        }
    }

    /** Fills closed contours by the even-odd rule. */
    void fill(List<double[]> contours) {
        double[] crossings = new double[MOST_CROSSINGS];
        for (int line = 0; line < side * SUBLINES; line++) {
            double y = (line + 0.5) / SUBLINES;
            int count = 0;
            for (double[] contour : contours) {
                count = crossings(contour, y, crossings, count);
            }
            Arrays.sort(crossings, 0, count);
            int row = line / SUBLINES * side;
            for (int i = 0; i + 1 < count; i += 2) {
                span(row, crossings[i], crossings[i + 1]);
            }
        }
    }

    private static int crossings(double[] contour, double y, double[] crossings, int count) {
        int n = contour.length;
        int found = count;
        for (int i = 0; i < n; i += 2) {
            double x0 = contour[i];
            double y0 = contour[i + 1];
            double x1 = contour[(i + 2) % n];
            double y1 = contour[(i + 3) % n];
            if ((y0 <= y) != (y1 <= y) && found < MOST_CROSSINGS) {
                crossings[found++] = x0 + (y - y0) / (y1 - y0) * (x1 - x0);
            }
        }
        return found;
    }

    private void span(int row, double from, double to) {
        double left = Math.max(0, from);
        double right = Math.min(side, to);
        for (int x = (int) left; x < right; x++) {
            double part = Math.min(right, x + 1) - Math.max(left, x);
            coverage[row + x] = (float) Math.min(1, coverage[row + x] + part / SUBLINES);
        }
    }

    private int clamp(double value) {
        return (int) Math.max(0, Math.min(side, value));
    }
}
