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
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Training steps of 784-1024-1024-10. An invocation is 100 steps: a cycle of K-FAC's default intervals, past its first
 * thousand.
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
                        model, UnitWiseNaturalGradient.builder().build()));

        private final int batch;

        @SuppressWarnings("ImmutableEnumChecker") // the lambdas above hold nothing
        private final Consumer<MultiLayerNetwork> preparation;

        Training(int batch, Consumer<MultiLayerNetwork> preparation) {
            this.batch = batch;
            this.preparation = preparation;
        }
    }

    /** Which. */
    @Param({"SGD", "KFAC", "KFAC_ASYNCHRONOUS", "LISTENER", "SGD_128", "UNIT_WISE"})
    public String training;

    private MultiLayerNetwork model;
    private DataSet data;

    /** Builds the model. */
    @Setup
    public void prepare() {
        Training kind = Training.valueOf(training);
        // so small that the model stays where it is
        model = Networks.perceptron(new Sgd(1e-6));
        data = Networks.rows(kind.batch);
        kind.preparation.accept(model);
        if (kind == Training.KFAC || kind == Training.KFAC_ASYNCHRONOUS) {
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
}
