package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.ngd.ExactNaturalGradient;
import io.github.dl4jngd.ngd.NaturalGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The exact natural gradient of 784-1024-1024-1 at 100 samples, beside forming the Jacobian. */
@State(Scope.Thread)
public class ExactSteps extends Measured {

    private static final int SAMPLES = 100;
    private static final int STEPS = 20;
    private static final double DAMPING = 1e-3;

    private MultiLayerNetwork attached;
    private LinearizedNetwork network;
    private DataSet data;

    /** Builds the models. */
    @Setup
    public void prepare() {
        data = Networks.targets(SAMPLES);
        attached = Networks.regression(new Sgd(1e-6));
        NaturalGradient.attach(
                attached, ExactNaturalGradient.builder().damping(DAMPING).build());
        network = LinearizedNetwork.of(Networks.regression(new Sgd(1e-6)));
    }

    /** Training steps: as many as make a shot longer than its start. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void step() {
        for (int i = 0; i < STEPS; i++) {
            attached.fit(data);
        }
    }

    /** J by one vjp a row, JJᵀ/N + ρI solved by Cholesky, Jᵀ times the solution. */
    @Benchmark
    public Object formingTheJacobian() {
        Linearization at = network.at(data.getFeatures());
        INDArray jacobian = Nd4j.createUninitialized(DataType.FLOAT, new long[] {SAMPLES, at.parameters()}, 'c');
        for (int n = 0; n < SAMPLES; n++) {
            INDArray one = Nd4j.zeros(DataType.FLOAT, SAMPLES, 1);
            one.putScalar(n, 0, 1);
            jacobian.putRow(n, at.vjp(one));
        }
        INDArray gram = jacobian.mmul(jacobian.transpose()).divi(SAMPLES).castTo(DataType.DOUBLE);
        gram.addi(Nd4j.eye(SAMPLES).castTo(DataType.DOUBLE).muli(DAMPING));
        INDArray residual = at.outputs().sub(data.getLabels()).castTo(DataType.DOUBLE);
        INDArray solution = LinearAlgebra.best().cholesky(gram).solve(residual);
        return jacobian.transpose().mmul(solution.castTo(DataType.FLOAT)).divi(SAMPLES);
    }
}
