package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.onednn.OneDnn;
import io.github.dl4jngd.spectral.FisherMatrix;
import io.github.dl4jngd.spectral.estimate.Lobpcg;
import io.github.dl4jngd.spectral.estimate.PowerIteration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Products with the Fisher matrix, and λ_max from scratch and from where it was ten steps ago. */
@State(Scope.Thread)
public class SpectrumReadings extends Measured {

    private static final int ITERATIONS = 20;

    /** Which network. */
    @Param({"PERCEPTRON", "CONVOLUTIONAL"})
    public String network;

    private FisherMatrix fisher;

    /** Linearises it. */
    @Setup
    public void prepare() {
        OneDnn.enable();
        MultiLayerNetwork model = network.equals("PERCEPTRON")
                ? Networks.perceptron(new Sgd(0.01))
                : Networks.convolutional(new Sgd(0.01));
        DataSet data = network.equals("PERCEPTRON") ? Networks.rows(256) : Networks.images(128);
        fisher = FisherMatrix.of(LinearizedNetwork.of(model))
                .data(data.getFeatures())
                .build();
    }

    /** Twenty power iterations: a jvp and a vjp each, given the linearisation. */
    @Benchmark
    @OperationsPerInvocation(ITERATIONS)
    public Object powerIterations() {
        return new PowerIteration(1e-12, ITERATIONS, 1).estimate(fisher);
    }

    /** λ_max while the perceptron trains. */
    @State(Scope.Thread)
    public static class WhileTraining extends Measured {

        private FisherMatrix fisher;
        private INDArray before;

        /** Trains for ten steps between two readings. */
        @Setup
        public void prepare() {
            MultiLayerNetwork model = Networks.perceptron(new Sgd(0.05));
            DataSet data = Networks.rows(256);
            for (int i = 0; i < 20; i++) {
                model.fit(data);
            }
            before = Lobpcg.defaults().estimate(matrix(model, data)).vector();
            for (int i = 0; i < 10; i++) {
                model.fit(data);
            }
            fisher = matrix(model, data);
        }

        private static FisherMatrix matrix(MultiLayerNetwork model, DataSet data) {
            return FisherMatrix.of(LinearizedNetwork.of(model))
                    .data(data.getFeatures())
                    .build();
        }

        /** From a random vector, to 1e-3. */
        @Benchmark
        public Object cold() {
            return Lobpcg.defaults().estimate(fisher);
        }

        /** From the last reading's vector, to 1e-3. */
        @Benchmark
        public Object warm() {
            return Lobpcg.defaults().estimate(fisher, before);
        }
    }
}
