package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.spectral.theory.FunctionSpace;
import io.github.dl4jngd.spectral.theory.GaussianMoments;
import io.github.dl4jngd.spectral.theory.MeanField;
import io.github.dl4jngd.spectral.theory.TangentKernel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What an infinitely wide network would do from this network's first outputs, from the analytic neural tangent kernel
 * alone: gradient descent f_t = f_0 − Θ Θ⁻¹(I − (I − ηΘ/T)ᵗ)(f_0 − y), a natural gradient the same for all directions
 * with (1 − ηα)ᵗ.
 */
final class InfiniteWidth {

    /** Deeplearning4j's L2 has this many times the gradient of the half squared error. */
    private static final double CURVATURE = 2;

    private final Problem problem;
    private final INDArray outputs;
    private final INDArray testOutputs;
    private final Side parameters;
    private final Side coordinates;

    /** The kernel in one parameterisation. */
    private record Side(FunctionSpace training, INDArray cross) {}

    InfiniteWidth(Problem problem, INDArray outputs, INDArray testOutputs) {
        this.problem = problem;
        this.outputs = outputs;
        this.testOutputs = testOutputs;
        this.parameters = side(false);
        this.coordinates = side(true);
    }

    private Side side(boolean scaled) {
        List<Long> widths =
                problem.network().sizes().stream().map(Integer::longValue).toList();
        int layers = widths.size() - 1;
        MeanField theory = new MeanField(
                GaussianMoments.relu(),
                widths,
                Collections.nCopies(layers, problem.coordinates().weightVariance()),
                Collections.nCopies(layers, 0.0),
                false);
        TangentKernel kernel = new TangentKernel(theory, scaled);
        return new Side(
                new FunctionSpace(kernel.of(problem.input()), outputs, problem.labels()),
                kernel.between(problem.testInput(), problem.input()));
    }

    /** The losses after 0, 1, … steps of one size. */
    List<Losses> losses(Plan plan, double stepSize) {
        List<Losses> losses = new ArrayList<>();
        double alpha = problem.isotropyConstant(plan.method());
        for (int step = 0; step <= plan.steps(); step++) {
            if (plan.method().isNatural()) {
                FunctionSpace training = coordinates.training();
                losses.add(new Losses(
                        training.naturalGradient(stepSize, alpha, step),
                        testLoss(training.naturalGradientOutputs(
                                stepSize, alpha, step, coordinates.cross(), testOutputs))));
            } else {
                FunctionSpace training = parameters.training();
                double rate = CURVATURE * stepSize;
                losses.add(new Losses(
                        training.gradientDescent(rate, step),
                        testLoss(training.gradientDescentOutputs(rate, step, parameters.cross(), testOutputs))));
            }
        }
        return losses;
    }

    private double testLoss(INDArray predicted) {
        double norm = predicted
                .sub(problem.testLabels().castTo(DataType.DOUBLE))
                .norm2Number()
                .doubleValue();
        return norm * norm / (2 * predicted.size(0));
    }
}
