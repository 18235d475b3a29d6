package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.linalg.OpenBlasKernels;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.onednn.OneDnn;
import io.github.dl4jngd.spectral.FisherMatrix;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.openblas.global.openblas;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * One process's answers to what it is asked, a line each: what OpenBLAS runs, how fast, and how long whole steps take.
 */
public final class Probe {

    private static final int FEW = 8;

    /** A hundred steps are a cycle of K-FAC's intervals. */
    private static final int CYCLE = 100;

    /** How often the steps are timed; the middle time counts. */
    private static final int CYCLES = 3;

    private Probe() {}

    /** What can be asked. Times are milliseconds. */
    enum Measure {
        VERSION {
            @Override
            String answer() {
                String path = openblas.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath();
                return path.replaceAll(".*/openblas-(.*)\\.jar", "$1");
            }
        },
        KERNELS {
            @Override
            String answer() {
                Nd4j.create(1);
                return OpenBlasKernels.current().orElse("unknown");
            }
        },
        SGEMM {
            @Override
            String answer() {
                return products(DataType.FLOAT);
            }
        },
        DGEMM {
            @Override
            String answer() {
                return products(DataType.DOUBLE);
            }
        },
        POTRF {
            @Override
            String answer() {
                return rightFactorisations();
            }
        },
        LARGE_SGD {
            @Override
            String answer() {
                return milliseconds(Networks.perceptron(new Sgd(RATE)), Networks.rows(256), Networks.rows(FEW), CYCLE);
            }
        },
        LARGE_KFAC {
            @Override
            String answer() {
                return kfac(Networks.perceptron(new Sgd(RATE)), Networks.rows(256), Networks.rows(FEW));
            }
        },
        DENSE_SGD {
            @Override
            String answer() {
                return steps(small(), Networks.rows(128), CYCLE);
            }
        },
        DENSE_KFAC {
            @Override
            String answer() {
                return steps(steadyKfac(small()), Networks.rows(128), CYCLE);
            }
        },
        DENSE_PRODUCT {
            @Override
            String answer() {
                return product(small(), Networks.rows(128));
            }
        },
        CONVOLUTION_SGD {
            @Override
            String answer() {
                OneDnn.enable();
                return steps(Networks.convolutional(new Sgd(RATE)), Networks.images(128), CYCLE / 4);
            }
        },
        CONVOLUTION_KFAC {
            @Override
            String answer() {
                OneDnn.enable();
                MultiLayerNetwork model = steadyKfac(Networks.convolutional(new Sgd(RATE)));
                DataSet images = Networks.images(128);
                return middle(() -> model.fit(images), CYCLE, 1);
            }
        },
        CONVOLUTION_PRODUCT {
            @Override
            String answer() {
                OneDnn.enable();
                return product(Networks.convolutional(new Sgd(RATE)), Networks.images(128));
            }
        };

        /** So small that models stay where they are. */
        private static final double RATE = 1e-6;

        abstract String answer();
    }

    /** 784-512-512-10. */
    private static MultiLayerNetwork small() {
        return Networks.perceptron(512, 3, 10, new Sgd(Measure.RATE));
    }

    /** Gflop/s of square products, the mean over sizes of the best of each. */
    private static String products(DataType type) {
        double sum = 0;
        int[] sizes = {1024, 1536, 2048};
        for (int n : sizes) {
            INDArray a = Nd4j.rand(type, n, n);
            INDArray b = Nd4j.rand(type, n, n);
            INDArray c = Nd4j.createUninitialized(type, new long[] {n, n}, 'f');
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < 8; i++) {
                long start = System.nanoTime();
                a.mmuli(b, c);
                best = Math.min(best, System.nanoTime() - start);
            }
            sum += 2.0 * n * n * n / best;
        }
        return format(sum / sizes.length);
    }

    /** How many of 134 sizes up to 400 the float64 Cholesky factorisation of OpenBLAS itself solves to eight digits. */
    private static String rightFactorisations() {
        LinearAlgebra.best();
        int right = 0;
        int all = 0;
        for (int n = 1; n <= 400; n += 3) {
            all++;
            double[] a = new double[n * n];
            double[] sums = new double[n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    a[i * n + j] = Math.exp(-Math.abs(i - j) / 8.0) + (i == j ? 1 : 0);
                    sums[i] += a[i * n + j];
                }
            }
            try (DoublePointer matrix = new DoublePointer(a);
                    DoublePointer x = new DoublePointer(sums)) {
                int factorised = openblas.LAPACKE_dpotrf(openblas.LAPACK_COL_MAJOR, (byte) 'L', n, matrix, n);
                int solved = openblas.LAPACKE_dpotrs(openblas.LAPACK_COL_MAJOR, (byte) 'L', n, 1, matrix, n, x, n);
                x.get(sums);
                if (factorised == 0 && solved == 0 && Arrays.stream(sums).allMatch(s -> Math.abs(s - 1) < 1e-8)) {
                    right++;
                }
            }
        }
        return right + "/" + all;
    }

    private static String kfac(MultiLayerNetwork model, DataSet data, DataSet few) {
        NaturalGradient.attach(model, Kfac.defaults());
        return milliseconds(model, data, few, CYCLE);
    }

    /** K-FAC that updates at its intervals from the first step on, so that a cycle can be measured at once. */
    private static MultiLayerNetwork steadyKfac(MultiLayerNetwork model) {
        NaturalGradient.attach(model, Kfac.builder().gradualStart(false).build());
        return model;
    }

    /** Of a step: the middle one of three times of some steps. */
    private static String steps(MultiLayerNetwork model, DataSet data, int steps) {
        return middle(() -> model.fit(data), steps, CYCLES);
    }

    /** Of a step: the middle one of three times of some steps, after a thousand on a few samples. */
    private static String milliseconds(MultiLayerNetwork model, DataSet data, DataSet few, int steps) {
        Networks.warmUp(model::fit, few);
        return middle(() -> model.fit(data), steps, CYCLES);
    }

    /** Of a product with the Fisher matrix, given the linearisation. */
    private static String product(MultiLayerNetwork model, DataSet data) {
        FisherMatrix fisher = FisherMatrix.of(LinearizedNetwork.of(model))
                .data(data.getFeatures())
                .build();
        INDArray v = Nd4j.rand(DataType.FLOAT, model.numParams());
        Consumer<INDArray> times = fisher::times;
        return middle(() -> times.accept(v), 20, CYCLES);
    }

    private static String middle(Runnable work, int repetitions, int cycles) {
        for (int i = 0; i < repetitions / 4; i++) {
            work.run();
        }
        double[] times = new double[cycles];
        for (int cycle = 0; cycle < times.length; cycle++) {
            long start = System.nanoTime();
            for (int i = 0; i < repetitions; i++) {
                work.run();
            }
            times[cycle] = (System.nanoTime() - start) / 1e6 / repetitions;
        }
        Arrays.sort(times);
        return format(times[times.length / 2]);
    }

    private static String format(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /**
     * Answers.
     *
     * @param args names of measures
     */
    public static void main(String... args) {
        for (String arg : args) {
            System.out.println(arg + "=" + Measure.valueOf(arg).answer());
        }
        System.exit(0);
    }
}
