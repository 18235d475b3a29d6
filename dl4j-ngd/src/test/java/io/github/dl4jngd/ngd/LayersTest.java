package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Explicit.column;
import static io.github.dl4jngd.ngd.Explicit.error;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.FisherApproximation;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.LinearAlgebra;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Steps through layers that are neither dense nor convolutions of images. */
class LayersTest {

    private static final double TEST_F64 = 1e-7;
    private static final double DAMPING = 0.1;
    /** The rate of the models of {@link ImageNetworks}. */
    private static final double RATE = 0.1;

    private static final List<String> KINDS = List.of(
            "dense on time steps",
            "batch normalisation on time steps",
            "TimeDistributed dense",
            "convolution of the image of each time step",
            "a graph on time steps",
            "conv1d Causal, stride 2, dilation 2",
            "PReLU with slopes shared along [2] NCHW",
            "space to depth NCHW",
            "maximum",
            "repeated inputs",
            "stacked inputs",
            "conv3d Same NCDHW",
            "pool3d MAX Truncate NDHWC",
            "embedding of 7 words",
            "embedding of 60 words with a bias",
            "embedding of sequences of 60 words",
            "embedding of sequences below a batch normalisation");

    static Stream<Case> cases() {
        return ImageNetworks.grid().filter(c -> KINDS.contains(c.name()));
    }

    /** −c (F̂ + ρI)⁻¹g from the method's explicit matrix; K-FAC, which has no such form, goes down. */
    @ParameterizedTest
    @MethodSource("cases")
    void oneStepIsTheFormula(Case c) {
        for (Method method : Method.values()) {
            if (method == Method.BLOCK_TRI_DIAGONAL) {
                continue; // dense layers alone: docs/choosing.md
            }
            Model model = c.model().model();
            INDArray before = model.params().dup();
            SimpleMatrix gradient = column(gradient(c, model));
            SimpleMatrix expected = method == Method.KFAC ? null : direction(c, model, method, gradient);
            attach(model, Definition.plain(method, DAMPING));
            fit(model, new DataSet(c.input(), c.labels()));
            SimpleMatrix moved = trainedPart(model, column(model.params().sub(before)));
            assertThat(moved.dot(gradient)).as(method.toString()).isNegative();
            if (expected != null) {
                assertThat(error(moved, expected.scale(-RATE)))
                        .as(method.toString())
                        .isLessThan(TEST_F64);
            }
        }
    }

    private static INDArray gradient(Case c, Model model) {
        LinearizedNetwork network = LiveModel.of(model).compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input());
        return at.vjp(network.lossModel().at(at.outputs()).residual(c.labels())).divi(c.samples());
    }

    private static SimpleMatrix direction(Case c, Model model, Method method, SimpleMatrix gradient) {
        LinearizedNetwork network = LiveModel.of(model).compile(BatchStatistics.COUPLED);
        Linearization at = network.at(c.input());
        OutputRoot columns =
                OutputRoot.of(FisherType.TRUE, network.lossModel().at(at.outputs()), c.labels(), 1, new Random(1));
        FisherRoot root = at.fisherRoot(columns, RootOptions.factored(Parameterization.standard()));
        try (FisherApproximation approximation =
                MethodRule.of(Definition.plain(method, DAMPING)).newApproximation(LinearAlgebra.best())) {
            approximation.observe(root);
            approximation.solve(gradient(c, model), Damping.absolute(DAMPING));
            SimpleMatrix dense = new SimpleMatrix(approximation.toDense().toDoubleMatrix());
            return trainedPart(
                    model,
                    dense.plus(SimpleMatrix.identity(dense.getNumRows()).scale(DAMPING))
                            .solve(gradient));
        }
    }

    /** Without what DL4J updates by itself: running statistics. */
    private static SimpleMatrix trainedPart(Model model, SimpleMatrix vector) {
        LinearizedNetwork network = LiveModel.of(model).compile(BatchStatistics.COUPLED);
        INDArray all = Nd4j.create(vector.getDDRM().data.clone());
        INDArray kept = Nd4j.create(DataType.DOUBLE, all.length());
        network.blocks().forEach(block -> block.write(block.read(all), kept));
        return column(kept);
    }

    private static void attach(Model model, NaturalGradientConfiguration configuration) {
        if (model instanceof MultiLayerNetwork network) {
            NaturalGradient.attach(network, configuration);
        } else {
            NaturalGradient.attach((ComputationGraph) model, configuration);
        }
    }

    private static void fit(Model model, DataSet batch) {
        if (model instanceof MultiLayerNetwork network) {
            network.fit(batch);
        } else {
            ((ComputationGraph) model).fit(batch);
        }
    }

    /** Nothing is made for pairs of words: A would take 40 GB. */
    @ParameterizedTest
    @EnumSource(value = Method.class, mode = EnumSource.Mode.EXCLUDE, names = "BLOCK_TRI_DIAGONAL")
    void aVocabularyOfAHundredThousand(Method method) {
        int words = 100_000;
        int units = 8;
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(1.0))
                .list()
                .layer(new EmbeddingSequenceLayer.Builder()
                        .nIn(words)
                        .nOut(units)
                        .inputLength(12)
                        .build())
                .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(units)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        Random random = new Random(7);
        INDArray x = Nd4j.create(DataType.FLOAT, 8, 12);
        INDArray y = Nd4j.create(DataType.FLOAT, 8, 3);
        for (int n = 0; n < 8; n++) {
            for (int t = 0; t < 12; t++) {
                x.putScalar(n, t, random.nextInt(words));
            }
            y.putScalar(n, n % 3, 1);
        }
        DataSet batch = new DataSet(x, y);
        double before = network.score(batch);
        NaturalGradient ngd = NaturalGradient.attach(
                network, method.builder().damping(DAMPING).build());
        Registration registration = ngd.registration();
        assertThat(registration.memory()).as(registration.toString()).isLessThan(10L * 4 * words * units);
        for (int step = 0; step < 3; step++) {
            network.fit(batch);
        }
        assertThat(network.score(batch)).isLessThan(before);
    }
}
