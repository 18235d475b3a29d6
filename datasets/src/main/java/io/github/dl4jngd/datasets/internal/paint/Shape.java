package io.github.dl4jngd.datasets.internal.paint;

import java.util.List;
import java.util.Locale;

/** Contours in [-1, 1]², to be filled by the even-odd rule. */
enum Shape {
    DISC(List.of(polygon(24, 0.9))),
    SQUARE(List.of(new double[] {-0.78, -0.78, 0.78, -0.78, 0.78, 0.78, -0.78, 0.78})),
    TRIANGLE(List.of(new double[] {0, -0.95, 0.95, 0.75, -0.95, 0.75})),
    STAR(List.of(star(5, 1, 0.42))),
    CROSS(List.of(new double[] {
        -0.3, -0.95, 0.3, -0.95, 0.3, -0.3, 0.95, -0.3, 0.95, 0.3, 0.3, 0.3, 0.3, 0.95, -0.3, 0.95, -0.3, 0.3, -0.95,
        0.3, -0.95, -0.3, -0.3, -0.3
    })),
    RING(List.of(polygon(24, 0.95), polygon(24, 0.52))),
    CRESCENT(List.of(crescent())),
    ARROW(List.of(new double[] {0, -1, 0.8, -0.1, 0.3, -0.1, 0.3, 0.95, -0.3, 0.95, -0.3, -0.1, -0.8, -0.1})),
    HEART(List.of(heart())),
    BARS(List.of(
            new double[] {-0.9, -0.85, -0.5, -0.85, -0.5, 0.85, -0.9, 0.85},
            new double[] {-0.2, -0.85, 0.2, -0.85, 0.2, 0.85, -0.2, 0.85},
            new double[] {0.5, -0.85, 0.9, -0.85, 0.9, 0.85, 0.5, 0.85}));

    @SuppressWarnings("ImmutableEnumChecker") // arrays that are never written
    private final List<double[]> contours;

    Shape(List<double[]> contours) {
        this.contours = contours;
    }

    List<double[]> mapped(Affine map) {
        return contours.stream().map(map::apply).toList();
    }

    String displayName() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static double[] polygon(int corners, double radius) {
        return star(corners / 2, radius, radius);
    }

    private static double[] star(int points, double outer, double inner) {
        double[] contour = new double[4 * points];
        for (int i = 0; i < 2 * points; i++) {
            double angle = StrictMath.PI * i / points;
            double radius = i % 2 == 0 ? outer : inner;
            contour[2 * i] = radius * StrictMath.sin(angle);
            contour[2 * i + 1] = -radius * StrictMath.cos(angle);
        }
        return contour;
    }

    /** A disc without the disc of the same size beside it. */
    private static double[] crescent() {
        int n = 14;
        double[] contour = new double[4 * n];
        for (int i = 0; i < n; i++) {
            double outer = StrictMath.toRadians(60 + 240.0 * i / (n - 1));
            contour[2 * i] = 0.95 * StrictMath.cos(outer) + 0.2;
            contour[2 * i + 1] = 0.95 * StrictMath.sin(outer);
            double inner = StrictMath.toRadians(285 - 210.0 * i / (n - 1));
            contour[2 * (n + i)] = 0.8 * StrictMath.cos(inner) + 0.5;
            contour[2 * (n + i) + 1] = 0.8 * StrictMath.sin(inner);
        }
        return contour;
    }

    private static double[] heart() {
        int n = 24;
        double[] contour = new double[2 * n];
        for (int i = 0; i < n; i++) {
            double t = 2 * StrictMath.PI * i / n;
            double sin = StrictMath.sin(t);
            contour[2 * i] = 0.95 * sin * sin * sin;
            contour[2 * i + 1] = -(13 * StrictMath.cos(t)
                            - 5 * StrictMath.cos(2 * t)
                            - 2 * StrictMath.cos(3 * t)
                            - StrictMath.cos(4 * t))
                    / 17;
        }
        return contour;
    }
}
