package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.ngd.UnitWiseNaturalGradient;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.sink.MemorySink;
import java.util.function.Consumer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Training steps of 784-1024-1024-10, or 784-512-512-10 where it says small. An invocation is 100 steps: a cycle of
 * K-FAC's default intervals, past its first thousand.
 */
@State(Scope.Thread)
public class PerceptronSteps extends Measured {

    static final int STEPS = 100;
    private static final int FEW = 8;

    /** What is done to the model before it trains. */
    enum Training {
        SGD(256, model -> {}),
        KFAC(256, model -> NaturalGradient.attach(model, Kfac.defaults())),
        KFAC_ASYNCHRONOUS(
                256,
                model -> NaturalGradient.attach(
                        model, Kfac.builder().asynchronousInverses(true).build())),
        LISTENER(
                256,
                model -> model.addListeners(FisherSpectrumListener.builder()
                        .every(50)
                        .memory(new MemorySink())
                        .build())),
        SGD_128(128, model -> {}),
        UNIT_WISE(
                128,
                model -> NaturalGradient.attach(
                        model, UnitWiseNaturalGradient.builder().build())),
        SMALL_SGD(128, 512, model -> {}),
        SMALL_KFAC(128, 512, model -> NaturalGradient.attach(model, Kfac.defaults()));

        private static final int WIDTH = 1024;

        private final int batch;
        private final int width;

        @SuppressWarnings("ImmutableEnumChecker") // the lambdas above hold nothing
        private final Consumer<MultiLayerNetwork> preparation;

        Training(int batch, Consumer<MultiLayerNetwork> preparation) {
            this(batch, WIDTH, preparation);
        }

        Training(int batch, int width, Consumer<MultiLayerNetwork> preparation) {
            this.batch = batch;
            this.width = width;
            this.preparation = preparation;
        }

        /** 784-width-width-10; its rate is so small that it stays where it is. */
        MultiLayerNetwork model() {
            MultiLayerNetwork model = Networks.perceptron(width, 3, 10, new Sgd(1e-6));
            preparation.accept(model);
            return model;
        }
    }

    /** Which. */
    @Param({"SGD", "KFAC", "KFAC_ASYNCHRONOUS", "LISTENER", "SGD_128", "UNIT_WISE", "SMALL_SGD", "SMALL_KFAC"})
    public String training;

    private MultiLayerNetwork model;
    private DataSet data;

    /** Builds the model. */
    @Setup
    public void prepare() {
        Training kind = Training.valueOf(training);
        model = kind.model();
        data = Networks.rows(kind.batch);
        if (kind == Training.KFAC || kind == Training.KFAC_ASYNCHRONOUS || kind == Training.SMALL_KFAC) {
            Networks.warmUp(model::fit, Networks.rows(FEW));
        }
    }

    /** A hundred steps. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void steps() {
        for (int i = 0; i < STEPS; i++) {
            model.fit(data);
        }
    }

    /** The first thousand steps of 784-512-512-10, in which K-FAC updates more often. */
    @State(Scope.Thread)
    public static class First extends Measured {

        static final int FIRST = 1000;

        /** Which. */
        @Param({"SMALL_SGD", "SMALL_KFAC"})
        public String training;

        private MultiLayerNetwork model;
        private DataSet data;

        /** Builds the model anew for every thousand. */
        @Setup(Level.Invocation)
        public void prepare() {
            Training kind = Training.valueOf(training);
            model = kind.model();
            data = Networks.rows(kind.batch);
        }

        /** A thousand steps. */
        @Benchmark
        @OperationsPerInvocation(FIRST)
        public void steps() {
            for (int i = 0; i < FIRST; i++) {
                model.fit(data);
            }
        }
    }
}
