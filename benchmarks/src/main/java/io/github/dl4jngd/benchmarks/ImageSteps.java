package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.ngd.Kfac;
import io.github.dl4jngd.ngd.NaturalGradient;
import io.github.dl4jngd.onednn.OneDnn;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Training steps on 32×32×3, minibatches of 128. An invocation is 100 steps, but for DL4J's slow layers five. K-FAC is
 * past the steps in which it updates more often. */
@State(Scope.Thread)
public class ImageSteps extends Measured {

    private static final int BATCH = 128;
    private static final int STEPS = 100;
    private static final int FEW_STEPS = 5;
    private static final int FEW = 8;

    /** Which: a residual network or conv16-conv16-bn-conv32/2-conv32-gap-dense. */
    @Param({"RESIDUAL_SGD", "RESIDUAL_KFAC", "CONVOLUTIONAL_SGD"})
    public String training;

    private Consumer<DataSet> fit;
    private DataSet data;

    /** Builds the model. */
    @Setup
    public void prepare() {
        OneDnn.enable();
        data = Networks.images(BATCH);
        if (training.equals("CONVOLUTIONAL_SGD")) {
            fit = Networks.convolutional(new Sgd(1e-6))::fit;
            return;
        }
        ComputationGraph model = Networks.residual(new Sgd(1e-6));
        if (training.equals("RESIDUAL_KFAC")) {
            NaturalGradient.attach(model, Kfac.defaults());
            Networks.warmUp(model::fit, Networks.images(FEW));
        }
        fit = model::fit;
    }

    /** A hundred steps. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void steps() {
        for (int i = 0; i < STEPS; i++) {
            fit.accept(data);
        }
    }

    /** The same network with DL4J's layers as published. */
    @State(Scope.Thread)
    public static class BuiltIn extends Measured {

        private MultiLayerNetwork model;
        private DataSet data;

        /** Builds the model. */
        @Setup
        public void prepare() {
            OneDnn.disable();
            data = Networks.images(BATCH);
            model = Networks.convolutional(new Sgd(1e-6));
        }

        /** Five steps. */
        @Benchmark
        @OperationsPerInvocation(FEW_STEPS)
        public void steps() {
            for (int i = 0; i < FEW_STEPS; i++) {
                model.fit(data);
            }
        }
    }
}
