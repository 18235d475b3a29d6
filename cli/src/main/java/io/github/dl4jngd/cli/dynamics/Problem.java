package io.github.dl4jngd.cli.dynamics;

import io.github.dl4jngd.cli.reference.DenseNetwork;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network at initialisation and its data, all of the network's data type.
 *
 * @param name what the data are, for titles
 * @param network ReLU network with one output, trained with Deeplearning4j's L2
 * @param initial θ₀, [P]
 * @param coordinates of the natural gradients
 * @param input x, [N, in]
 * @param labels y, [N, 1]
 * @param testInput x′
 * @param testLabels y′
 */
record Problem(
        String name,
        DenseNetwork network,
        INDArray initial,
        Parameterization coordinates,
        INDArray input,
        INDArray labels,
        INDArray testInput,
        INDArray testLabels) {

    int samples() {
        return Math.toIntExact(input.size(0));
    }

    int layers() {
        return network.layers();
    }

    int width() {
        List<Integer> sizes = network.sizes();
        return sizes.get(sizes.size() - 2);
    }

    double isotropyConstant(Contender method) {
        return method.isotropyConstant(layers(), width(), samples());
    }

    Losses losses(INDArray outputs, INDArray testOutputs) {
        return new Losses(half(outputs, labels), half(testOutputs, testLabels));
    }

    private static double half(INDArray outputs, INDArray targets) {
        double norm = outputs.sub(targets).norm2Number().doubleValue();
        return norm * norm / (2 * outputs.size(0));
    }
}
