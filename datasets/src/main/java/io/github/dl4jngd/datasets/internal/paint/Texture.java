package io.github.dl4jngd.datasets.internal.paint;

/** Patterns over the plane, with values in [0, 1]. */
enum Texture {
    PLAIN {
        @Override
        double at(double u, double v) {
            return 0.0;
        }
    },
    STRIPED {
        @Override
        double at(double u, double v) {
            return soft(wave(v));
        }
    },
    CHECKED {
        @Override
        double at(double u, double v) {
            double a = soft(wave(u));
            double b = soft(wave(v));
            return a + b - 2 * a * b;
        }
    },
    DOTTED {
        @Override
        double at(double u, double v) {
            double a = 2 * wave(u) - 1;
            double b = 2 * wave(v) - 1;
            return Math.max(0, Math.min(1, 2.2 - 2.6 * (a * a + b * b)));
        }
    };

    /** The pattern, of period 1 in both directions. */
    abstract double at(double u, double v);

    /** A triangle wave: 0 at whole numbers, 1 halfway between. */
    private static double wave(double t) {
        double fraction = t - Math.floor(t);
        return 1 - Math.abs(2 * fraction - 1);
    }

    private static double soft(double value) {
        return Math.max(0, Math.min(1, 3 * value - 1));
    }
}
