package io.github.dl4jngd.onednn.internal;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.AlgoMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdDataAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdFilterAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.FwdAlgo;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The helper of a 2-D convolution, with three repairs.
 *
 * <ul>
 *   <li>Inputs and back-propagated errors are copied into C order where they do not lie so. Deeplearning4j's own helper
 *       hands them on as they are, and in NHWC its results are then wrong: always in the gradient behind a ReLU, whose
 *       error is a permuted view, and in the output when the network is fed a view.
 *   <li>Dilated convolutions are left to the built-in layer, because oneDNN's float32 convolution throws for them.
 *   <li>The bias takes the type of the weights; Deeplearning4j gives a layer without bias one of ND4J's default type.
 * </ul>
 *
 * <p>It computes in float32 only; other types are left to the built-in layer.
 */
public class RepairedConvolutionHelper extends MKLDNNConvHelper {
    /**
     * For Deeplearning4j.
     *
     * @param dataType the type of the layer's parameters
     */
    public RepairedConvolutionHelper(DataType dataType) {
        super(dataType);
    }

    @Override
    public boolean checkSupported() {
        return Nd4j.getEnvironment().helpersAllowed();
    }

    @Override
    public INDArray preOutput(
            INDArray input,
            INDArray weights,
            INDArray bias,
            int[] kernel,
            int[] strides,
            int[] pad,
            AlgoMode mode,
            FwdAlgo fwdAlgo,
            ConvolutionMode convolutionMode,
            int[] dilation,
            CNN2DFormat format,
            LayerWorkspaceMgr workspaceMgr) {
        if (isDilated(dilation)) {
            return null;
        }
        return super.preOutput(
                Contiguous.of(input),
                Contiguous.of(weights),
                typed(bias, weights.dataType()),
                kernel,
                strides,
                pad,
                mode,
                fwdAlgo,
                convolutionMode,
                dilation,
                format,
                workspaceMgr);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(
            INDArray input,
            INDArray weights,
            INDArray bias,
            INDArray delta,
            int[] kernel,
            int[] strides,
            int[] pad,
            INDArray biasGradView,
            INDArray weightGradView,
            IActivation afn,
            AlgoMode mode,
            BwdFilterAlgo bwdFilterAlgo,
            BwdDataAlgo bwdDataAlgo,
            ConvolutionMode convolutionMode,
            int[] dilation,
            CNN2DFormat format,
            LayerWorkspaceMgr workspaceMgr) {
        if (isDilated(dilation)) {
            return null;
        }
        return super.backpropGradient(
                Contiguous.of(input),
                Contiguous.of(weights),
                typed(bias, weights.dataType()),
                Contiguous.of(delta),
                kernel,
                strides,
                pad,
                biasGradView,
                weightGradView,
                afn,
                mode,
                bwdFilterAlgo,
                bwdDataAlgo,
                convolutionMode,
                dilation,
                format,
                workspaceMgr);
    }

    /**
     * Whether a convolution has holes, so that this helper leaves it to the built-in layer.
     *
     * @param dilation the dilation in each direction
     * @return whether one of them is not 1
     */
    public static boolean isDilated(int[] dilation) {
        for (int d : dilation) {
            if (d != 1) {
                return true;
            }
        }
        return false;
    }

    private static INDArray typed(INDArray bias, DataType dataType) {
        return bias == null ? null : bias.castTo(dataType);
    }
}
