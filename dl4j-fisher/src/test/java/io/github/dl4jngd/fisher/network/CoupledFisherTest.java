package io.github.dl4jngd.fisher.network;

import static io.github.dl4jngd.testing.TestNetworks.normal;
import static io.github.dl4jngd.testing.TestNetworks.relativeError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.operation.BatchStatistics;
import io.github.dl4jngd.testing.ImageNetworks;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The empirical and the Monte-Carlo Fisher where batch statistics couple the samples. */
class CoupledFisherTest {

    private static final int DRAWS = 400;

    private final Case residual = ImageNetworks.grid()
            .filter(c -> c.name().equals("residual with batch normalisation"))
            .findFirst()
            .orElseThrow();
    private final LinearizedNetwork network =
            LiveModel.of(residual.model().model()).compile(BatchStatistics.COUPLED);
    private final Linearization at = network.at(residual.input());
    private final OutputMetric metric = network.lossModel().at(at.outputs());

    /** A normalisation of the data alone couples nothing that is trained: rows stay those of samples. */
    @Test
    void aNormalisationOfTheInputCouplesNothing() {
        Case first = ImageNetworks.grid()
                .filter(c -> c.name().equals("batch normalisation locked at its defaults, first"))
                .findFirst()
                .orElseThrow();
        assertThat(LiveModel.of(first.model().model())
                        .compile(BatchStatistics.COUPLED)
                        .couplesSamples())
                .isFalse();
        assertThat(network.couplesSamples()).isTrue();
    }

    /** One row a sample, J_nᵀ r_n with J_n the whole minibatch's derivative of f_n. */
    @Test
    void empirical() {
        OutputRoot columns = OutputRoot.of(FisherType.EMPIRICAL, metric, residual.labels(), 1, null);
        FisherRoot root = at.fisherRoot(columns, RootOptions.factored(Parameterization.standard()));
        INDArray residuals = metric.residual(residual.labels());
        INDArray expected = Nd4j.create(DataType.DOUBLE, residual.samples(), at.parameters());
        for (int n = 0; n < residual.samples(); n++) {
            INDArray one = Nd4j.zerosLike(residuals);
            one.getRow(n).assign(residuals.getRow(n));
            expected.getRow(n).assign(at.vjp(one));
        }
        assertThat(relativeError(root.toDense(), expected)).isLessThan(1e-9);
    }

    /** A draw for the whole minibatch is one row, and the mean of ⟨row, v⟩²/N is vᵀFv. */
    @Test
    void monteCarloIsUnbiased() {
        OutputRoot columns = OutputRoot.of(FisherType.MONTE_CARLO, metric, residual.labels(), DRAWS, new Random(7));
        FisherRoot root = at.fisherRoot(columns, RootOptions.factored(Parameterization.standard()));
        assertThat(root.rows()).isEqualTo(DRAWS);
        INDArray v = normal(new Random(8), 1, DataType.DOUBLE, at.parameters());
        INDArray products = root.times(v);
        INDArray squares = products.mul(products).muli((double) DRAWS / residual.samples());
        double exact =
                Math.pow(metric.rootTransposeTimes(at.jvp(v)).norm2Number().doubleValue(), 2) / residual.samples();
        double standardError = squares.stdNumber().doubleValue() / Math.sqrt(DRAWS);
        assertThat(standardError).isLessThan(0.1 * exact);
        assertThat(squares.meanNumber().doubleValue()).isCloseTo(exact, offset(3 * standardError));
    }
}
