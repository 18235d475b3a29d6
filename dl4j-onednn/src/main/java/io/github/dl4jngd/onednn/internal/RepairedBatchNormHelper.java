package io.github.dl4jngd.onednn.internal;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The helper of batch normalisation, with three repairs.
 *
 * <ul>
 *   <li>Inputs and back-propagated errors are copied into C order where they do not lie so. oneDNN's operation misreads
 *       others, in NCHW (an array in Fortran order) as in NHWC (any view).
 *   <li>A backward pass that follows an inference pass, as under {@code FrozenLayerWithBackprop}, is left to the
 *       built-in layer with the running mean and variance that the inference pass used. Deeplearning4j's own helper
 *       takes those of the last training pass, and fails where there was none.
 *   <li>Rows of features, as behind a dense layer, in a layer configured as NHWC are left to the built-in layer:
 *       Deeplearning4j hands them to the helper with the channels on the wrong axis, and the operation throws.
 * </ul>
 *
 * <p>It computes in float32 and with learned γ and β only; the rest is left to the built-in layer.
 */
public class RepairedBatchNormHelper extends MKLDNNBatchNormHelper {
    /** Of the last forward pass where that was an inference pass, else null. */
    private INDArray inferenceMean;

    private INDArray inferenceVariance;

    /** Whether the last forward pass was left to the built-in layer. */
    private boolean declined;

    /**
     * Creates a helper as Deeplearning4j does, by reflection.
     *
     * @param dataType the type of the layer's parameters
     */
    public RepairedBatchNormHelper(DataType dataType) {
        super(dataType);
    }

    @Override
    public boolean checkSupported() {
        return Nd4j.getEnvironment().helpersAllowed();
    }

    @Override
    public boolean checkSupported(double eps, boolean fixedGammaBeta) {
        return !fixedGammaBeta && checkSupported();
    }

    @Override
    public INDArray preOutput(
            INDArray x,
            boolean training,
            long[] shape,
            INDArray gamma,
            INDArray beta,
            INDArray mean,
            INDArray var,
            double decay,
            double eps,
            CNN2DFormat format,
            LayerWorkspaceMgr workspaceMgr) {
        declined = format == CNN2DFormat.NHWC && x.rank() == 4 && x.size(3) != mean.length();
        if (training || declined) {
            inferenceMean = null;
            inferenceVariance = null;
        } else {
            inferenceMean = copy(mean, inferenceMean);
            inferenceVariance = copy(var, inferenceVariance);
        }
        if (declined) {
            return null;
        }
        return super.preOutput(
                Contiguous.of(x), training, shape, gamma, beta, mean, var, decay, eps, format, workspaceMgr);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(
            INDArray input,
            INDArray epsilon,
            long[] shape,
            INDArray gamma,
            INDArray beta,
            INDArray dGammaView,
            INDArray dBetaView,
            double eps,
            CNN2DFormat format,
            LayerWorkspaceMgr workspaceMgr) {
        if (declined || inferenceMean != null || input.rank() == 3) {
            return null;
        }
        return super.backpropGradient(
                Contiguous.of(input),
                Contiguous.of(epsilon),
                shape,
                gamma,
                beta,
                dGammaView,
                dBetaView,
                eps,
                format,
                workspaceMgr);
    }

    @Override
    public INDArray getMeanCache(DataType dataType) {
        return inferenceMean != null ? inferenceMean.dup() : super.getMeanCache(dataType);
    }

    /** A copy for the inference case, because Deeplearning4j adds ε to it in place. */
    @Override
    public INDArray getVarCache(DataType dataType) {
        return inferenceVariance != null ? inferenceVariance.dup() : super.getVarCache(dataType);
    }

    private static INDArray copy(INDArray source, INDArray target) {
        INDArray vector = source.reshape(source.length());
        return target != null ? target.assign(vector) : vector.dup().detach();
    }
}
