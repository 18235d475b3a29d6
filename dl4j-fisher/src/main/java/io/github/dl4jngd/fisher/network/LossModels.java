package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.UnsupportedModelException;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/**
 * Which loss model a DL4J loss function is, and which part of the output activation belongs to it.
 *
 * <p>The softmax of a multi-class cross-entropy and the sigmoid of a binary one are folded into the loss's metric, so
 * that the network's outputs are logits. With a squared error the output activation stays part of the network.
 */
final class LossModels {

    private static final String SUPPORTED =
            "Supported are MCXENT and NEGATIVELOGLIKELIHOOD with softmax, XENT with sigmoid, "
                    + "MSE and L2 with any element-wise activation.";

    private LossModels() {}

    static boolean isOutput(Layer configuration) {
        return configuration instanceof BaseOutputLayer || configuration instanceof LossLayer;
    }

    static LossModel of(LayerDescription layer, long outputs) {
        ILossFunction loss = loss(layer.configuration());
        IActivation activation = ((BaseLayer) layer.configuration()).getActivationFn();
        Class<?> type = loss.getClass();
        if (type == LossL2.class || type == LossMSE.class) {
            INDArray weights = ((LossL2) loss).getWeights();
            double scale = type == LossMSE.class ? 2.0 / outputs : 2.0;
            return weights == null
                    ? LossModel.squaredError(scale)
                    : LossModel.squaredError(scale, checkedWeights(layer, weights, outputs));
        }
        if (type == LossMCXENT.class || type == LossNegativeLogLikelihood.class) {
            if (!(activation instanceof ActivationSoftmax)) {
                throw unsupported(layer, loss, activation);
            }
            if (outputs < 2) {
                throw layer.unsupported(
                        "a softmax over one output is constant; use XENT with a sigmoid for two classes");
            }
            if (((LossMCXENT) loss).getWeights() != null) {
                throw layer.unsupported(
                        "per-output weights of a softmax cross-entropy make its curvature depend on the labels, so "
                                + "that it is no Fisher information of a distribution; remove the weights");
            }
            return LossModel.softmaxCrossEntropy();
        }
        if (type == LossBinaryXENT.class) {
            if (!(activation instanceof ActivationSigmoid)) {
                throw unsupported(layer, loss, activation);
            }
            INDArray weights = ((LossBinaryXENT) loss).getWeights();
            return weights == null
                    ? LossModel.sigmoidCrossEntropy()
                    : LossModel.sigmoidCrossEntropy(checkedWeights(layer, weights, outputs));
        }
        throw unsupported(layer, loss, activation);
    }

    private static INDArray checkedWeights(LayerDescription layer, INDArray weights, long outputs) {
        if (weights.length() != outputs) {
            throw layer.unsupported(
                    "the loss has " + weights.length() + " per-output weights for " + outputs + " outputs");
        }
        if (!(weights.minNumber().doubleValue() > 0)) {
            throw layer.unsupported(
                    "per-output loss weights must be positive for the loss to have a Fisher information, found "
                            + weights);
        }
        return weights;
    }

    /** The part of the output activation that is part of the network and not of the loss. */
    static List<Operation> activationBelow(LayerDescription layer) {
        Class<?> loss = loss(layer.configuration()).getClass();
        boolean folded =
                loss == LossMCXENT.class || loss == LossNegativeLogLikelihood.class || loss == LossBinaryXENT.class;
        return folded
                ? List.of()
                : Activations.operations(layer, ((BaseLayer) layer.configuration()).getActivationFn());
    }

    private static ILossFunction loss(Layer configuration) {
        return configuration instanceof BaseOutputLayer output
                ? output.getLossFn()
                : ((LossLayer) configuration).getLossFn();
    }

    private static UnsupportedModelException unsupported(
            LayerDescription layer, ILossFunction loss, IActivation activation) {
        return layer.unsupported("the loss " + loss + " with activation " + activation + " has no rule. " + SUPPORTED);
    }
}
