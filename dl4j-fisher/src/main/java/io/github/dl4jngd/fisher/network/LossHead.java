package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * What an output layer's labels and masks look like, as matrices [N, C·P]: P is 1, or the number of positions where the
 * loss is taken at each pixel or time step.
 *
 * @param layer the output layer
 * @param positions where the loss is taken
 * @param channelsLast whether classes are the last axis of images and sequences, not the second
 */
record LossHead(LayerDescription layer, Positions positions, boolean channelsLast) {

    /** Where a loss is taken. */
    enum Positions {
        /** Once for each sample: [N, C]. */
        NONE(2),
        /** At each time step: [N, C, T]. */
        SEQUENCE(3),
        /** At each pixel: [N, C, H, W]. */
        IMAGE(4),
        /** At each voxel: [N, C, D, H, W]. */
        VOLUME(5);

        private final int rank;

        Positions(int rank) {
            this.rank = rank;
        }
    }

    static boolean isOutput(Layer configuration) {
        return configuration instanceof BaseOutputLayer
                || configuration instanceof LossLayer
                || configuration instanceof RnnLossLayer
                || configuration instanceof CnnLossLayer
                || configuration instanceof Cnn3DLossLayer;
    }

    static LossHead of(LayerDescription layer) {
        Layer configuration = layer.configuration();
        if (configuration instanceof RnnOutputLayer output) {
            return new LossHead(layer, Positions.SEQUENCE, output.getRnnDataFormat() == RNNFormat.NWC);
        }
        if (configuration instanceof RnnLossLayer loss) {
            return new LossHead(layer, Positions.SEQUENCE, loss.getRnnDataFormat() == RNNFormat.NWC);
        }
        if (configuration instanceof CnnLossLayer loss) {
            return new LossHead(layer, Positions.IMAGE, loss.getFormat() == CNN2DFormat.NHWC);
        }
        if (configuration instanceof Cnn3DLossLayer loss) {
            return new LossHead(layer, Positions.VOLUME, loss.getDataFormat() == Convolution3D.DataFormat.NDHWC);
        }
        return new LossHead(layer, Positions.NONE, false);
    }

    static ILossFunction loss(Layer configuration) {
        if (configuration instanceof BaseOutputLayer output) {
            return output.getLossFn();
        }
        if (configuration instanceof RnnLossLayer loss) {
            return loss.getLossFn();
        }
        if (configuration instanceof CnnLossLayer loss) {
            return loss.getLossFn();
        }
        if (configuration instanceof Cnn3DLossLayer loss) {
            return loss.getLossFn();
        }
        return ((LossLayer) configuration).getLossFn();
    }

    /** Whether the loss is taken at each pixel or time step. */
    boolean eachPosition() {
        return positions != Positions.NONE;
    }

    private int[] channelsToSecond() {
        return switch (positions) {
            case SEQUENCE -> new int[] {0, 2, 1};
            case IMAGE -> new int[] {0, 3, 1, 2};
            default -> new int[] {0, 4, 1, 2, 3};
        };
    }

    private int[] channelsToLast() {
        return switch (positions) {
            case SEQUENCE -> new int[] {0, 2, 1};
            case IMAGE -> new int[] {0, 2, 3, 1};
            default -> new int[] {0, 2, 3, 4, 1};
        };
    }

    /** The time-distributed affine map of an RnnOutputLayer: a convolution with a kernel of one. */
    List<Operation> affineOverTime() {
        ParameterSlice weights = layer.parameter(DefaultParamInitializer.WEIGHT_KEY);
        // W [in, out] column-major lies like [out, in, 1, 1] row-major
        ParameterSlice kernel = new ParameterSlice(
                weights.name(),
                weights.offset(),
                List.of(weights.shape().get(1), weights.shape().get(0), 1L, 1L),
                'c');
        List<Operation> operations = new ArrayList<>();
        if (channelsLast) {
            operations.add(Operations.permute(channelsToSecond()));
        }
        operations.add(Operations.addTrailingAxis());
        operations.add(Operations.convolution(
                io.github.dl4jngd.fisher.operation.Window.pointwise(layer.name()),
                kernel,
                layer.parameterOrNull(DefaultParamInitializer.BIAS_KEY),
                layer.trainable()));
        operations.add(Operations.dropTrailingAxis());
        if (channelsLast) {
            operations.add(Operations.permute(channelsToLast()));
        }
        return operations;
    }

    /** The output activation as far as it is no part of the loss, and outputs as [N, C·P]. */
    List<Operation> below() {
        List<Operation> activation = LossModels.activationBelow(layer);
        if (!eachPosition()) {
            return activation;
        }
        List<Operation> operations = new ArrayList<>();
        boolean alongClasses = ((BaseLayer) layer.configuration()).getActivationFn()
                instanceof org.nd4j.linalg.activations.impl.ActivationSoftmax;
        boolean last = channelsLast;
        if (!activation.isEmpty() && alongClasses && !last) {
            operations.add(Operations.permute(channelsToLast()));
            last = true;
        }
        operations.addAll(activation);
        if (last) {
            operations.add(Operations.permute(channelsToSecond()));
        }
        operations.add(Operations.reshape(layer.name()));
        return operations;
    }

    /** The loss at each position, where it is taken there. */
    LossModel over(LossModel loss, long classes) {
        return eachPosition() ? LossModel.atEachPosition(loss, classes) : loss;
    }

    /**
     * DL4J's labels as a matrix.
     *
     * @param labels y, as the layer takes them
     * @param classes C
     * @param dataType the type to be
     * @return [N, C·P]
     */
    INDArray labels(INDArray labels, long classes, DataType dataType) {
        if (labels.rank() != positions.rank) {
            throw new IllegalArgumentException("The labels have shape " + Arrays.toString(labels.shape()) + "; layer "
                    + layer.name() + ", " + layer.configuration().getClass().getSimpleName() + ", needs labels of rank "
                    + positions.rank);
        }
        INDArray second = eachPosition() && channelsLast ? labels.permute(channelsToSecond()) : labels;
        if (loss(layer.configuration()) instanceof LossSparseMCXENT) {
            return oneHot(second, classes, dataType);
        }
        INDArray typed = second.castTo(dataType);
        return eachPosition() ? flat(typed) : typed;
    }

    private static INDArray flat(INDArray array) {
        return array.dup('c').reshape('c', array.size(0), array.length() / array.size(0));
    }

    /** [N, 1, positions] numbers of classes as [N, C·P]. */
    private INDArray oneHot(INDArray numbers, long classes, DataType dataType) {
        if (numbers.size(1) != 1) {
            throw new IllegalArgumentException("A sparse cross-entropy needs one number of a class in place of "
                    + classes + " labels, got labels of shape " + Arrays.toString(numbers.shape()));
        }
        INDArray flat = flat(numbers);
        long positionCount = flat.size(1);
        INDArray labels = Nd4j.create(dataType, flat.size(0), classes, positionCount);
        for (long n = 0; n < flat.size(0); n++) {
            for (long p = 0; p < positionCount; p++) {
                double number = flat.getDouble(n, p);
                if (!(number >= 0) || number >= classes || number != Math.rint(number)) {
                    throw new IllegalArgumentException("A sparse cross-entropy over " + classes
                            + " classes needs labels from 0 to " + (classes - 1) + ", found " + number);
                }
                labels.putScalar(new long[] {n, (long) number, p}, 1);
            }
        }
        return labels.reshape('c', flat.size(0), classes * positionCount);
    }

    /**
     * The mask that the output layer holds.
     *
     * <p>DL4J's losses but for MCXENT and its like multiply their gradient twice by a mask that has a number for each
     * output, so that it is that of the loss with the squares; a mask of zeros and ones is its own square.
     *
     * @param mask as DL4J's layer keeps it; null for none
     * @param labels [N, C·P]
     * @param classes C
     * @return null without a mask
     */
    @Nullable Mask mask(@Nullable INDArray mask, INDArray labels, long classes) {
        if (mask == null) {
            return null;
        }
        long samples = labels.size(0);
        long positionCount = labels.size(1) / classes;
        INDArray typed = mask.castTo(labels.dataType());
        INDArray narrow = eachPosition()
                ? atPositions(typed, samples, positionCount)
                : typed.reshape('c', typed.size(0), typed.length() / typed.size(0), 1);
        INDArray full = narrow == null ? null : broadcast(narrow, samples, classes, positionCount);
        if (narrow == null || full == null) {
            throw new IllegalArgumentException("The mask has shape " + Arrays.toString(mask.shape())
                    + ", which does not fit " + samples + " samples with " + classes + " outputs"
                    + (eachPosition() ? " at each of " + positionCount + " positions" : ""));
        }
        INDArray matrix = full.dup('c').reshape('c', samples, classes * positionCount);
        // a column that is as wide as the outputs, or one number, is one for each output to DL4J
        boolean eachOutput = narrow.size(1) == classes || samples * positionCount == 1;
        ILossFunction loss = loss(layer.configuration());
        boolean squared = eachOutput && !(loss instanceof LossMCXENT);
        Mask result = new Mask(squared ? matrix.mul(matrix) : matrix, matrix);
        boolean known = loss.getClass().getPackageName().equals(LossMCXENT.class.getPackageName());
        if (squared && !known && !result.isBinary()) {
            throw new IllegalArgumentException(
                    "Layer " + layer.name() + ": the mask has weights other than 0 and 1 for each "
                            + "output, and what the loss " + loss.getClass().getSimpleName()
                            + " makes of them is not known; use a mask of zeros and ones, or one number a sample");
        }
        return result;
    }

    /**
     * The loss of a minibatch without masks as DL4J's layer itself computes it, clipping of probabilities included.
     *
     * @param outputs f, [N, C], with the activation as far as it is no part of the loss
     * @param labels y, as the layer takes them, of the outputs' type
     */
    OutputLoss loss(INDArray outputs, INDArray labels) {
        ILossFunction loss = loss(layer.configuration());
        IActivation activation = LossModels.activationBelow(layer).isEmpty()
                ? ((BaseLayer) layer.configuration()).getActivationFn()
                : new ActivationIdentity();
        // DL4J's losses may work in place
        double sum = loss.computeScore(labels, outputs.dup(), activation, null, false);
        return new OutputLoss(sum, loss.computeGradient(labels, outputs.dup(), activation, null));
    }

    /**
     * A mask as matrices [N, C·P].
     *
     * @param weights what the loss of each output is multiplied by
     * @param numbers what the mask itself says
     */
    record Mask(INDArray weights, INDArray numbers) {

        private boolean isBinary() {
            return numbers.neq(0).castTo(numbers.dataType()).distance1(numbers) == 0;
        }
    }

    /**
     * The loss with a mask's weights. DL4J's output layers multiply their pre-activations by the mask before they take
     * the loss, and its gradient knows nothing of that; loss layers do not.
     *
     * @throws IllegalArgumentException if that gradient is of no weighted loss
     */
    LossModel weighted(LossModel loss, Mask mask) {
        boolean scales = layer.configuration() instanceof BaseOutputLayer && !mask.isBinary();
        if (scales && !LossModels.activationBelow(layer).isEmpty()) {
            throw new IllegalArgumentException("Layer " + layer.name()
                    + ": the mask has weights other than 0 and 1, by which DL4J's output layers multiply what goes into their "
                    + "activation; with this loss and activation that has no rule. Use a layer with the activation and, above "
                    + "it, a loss layer");
        }
        return loss.weighted(mask.weights(), scales ? mask.numbers() : null);
    }

    /** [N, 1 or C, 1 or P]; null for a mask of another shape. */
    private @Nullable INDArray atPositions(INDArray mask, long samples, long positionCount) {
        return switch (positions) {
            case SEQUENCE -> overTime(mask, samples, positionCount);
            case IMAGE -> {
                if (mask.rank() == 2 || mask.rank() == 3) {
                    yield mask.dup('c').reshape('c', mask.size(0), 1, mask.length() / mask.size(0));
                }
                // DL4J reads masks of rank 4 as NCHW, whatever the layer's format
                yield mask.rank() == 4 && !channelsLast ? channelsAndPositions(mask) : null;
            }
            default ->
                mask.rank() == 5 ? channelsAndPositions(channelsLast ? mask.permute(channelsToSecond()) : mask) : null;
        };
    }

    private static INDArray channelsAndPositions(INDArray mask) {
        long samples = mask.size(0);
        return mask.dup('c').reshape('c', samples, mask.size(1), mask.length() / (samples * mask.size(1)));
    }

    /** From [N, T], one a time step; [N, C, T]; or what DL4J makes of them, [N·T, 1] or [N·T, C] with samples first. */
    private static @Nullable INDArray overTime(INDArray mask, long samples, long steps) {
        if (mask.rank() == 3) {
            return mask;
        }
        if (mask.rank() == 2 && mask.size(0) == samples && mask.size(1) == steps) {
            return mask.dup('c').reshape('c', samples, 1, steps);
        }
        if (mask.rank() <= 2 && mask.size(0) == samples * steps) {
            long columns = mask.length() / (samples * steps);
            INDArray ordered = mask.reshape(samples * steps, columns).dup('f').reshape('f', samples, steps, columns);
            return ordered.permute(0, 2, 1).dup('c');
        }
        return null;
    }

    /** The array repeated along axes of size 1; null where a size is neither 1 nor the one needed. */
    private static @Nullable INDArray broadcast(INDArray array, long... shape) {
        if (array.rank() != shape.length) {
            return null;
        }
        for (int axis = 0; axis < shape.length; axis++) {
            if (array.size(axis) != shape[axis] && array.size(axis) != 1) {
                return null;
            }
        }
        return Nd4j.ones(array.dataType(), shape).mul(array);
    }
}
