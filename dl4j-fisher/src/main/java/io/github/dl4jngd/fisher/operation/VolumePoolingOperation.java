package io.github.dl4jngd.fisher.operation;

import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Max and average pooling of NCDHW volumes: DL4J's Subsampling3DLayer, whose averages do not count the padding.
 *
 * <p>As in {@link PoolingOperation} the derivative is a weight for each input of each window: one-hot at the first
 * maximum, 1/(number of inputs).
 */
final class VolumePoolingOperation implements Operation {

    private final VolumeWindow window;
    private final PoolingType type;

    VolumePoolingOperation(Window window, PoolingType type) {
        this.window = new VolumeWindow(window);
        this.type = type;
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        window.check(input, 0);
        INDArray x = Folding.compact(input);
        INDArray patches = window.patches(x);
        INDArray weights = type == PoolingType.MAX ? firstMaximum(x, patches) : shares(x);
        return new At(x.shape(), weights, pooled(patches, weights, x.shape()));
    }

    /** The windows' inputs that are there, [1, 1, kernel, T]. */
    private INDArray present(INDArray x) {
        return window.patches(Nd4j.ones(x.dataType(), 1, 1, x.size(2), x.size(3), x.size(4)));
    }

    private INDArray firstMaximum(INDArray x, INDArray patches) {
        // zeros outside the volume must not win against negative values inside
        double below = 2 * Math.min(0, x.minNumber().doubleValue()) - 1;
        INDArray inside = patches.add(present(x).rsub(1).muli(below));
        long[] shape = patches.shape().clone();
        shape[2] = 1;
        INDArray winners = inside.argMax(2).castTo(x.dataType()).dup('c').reshape('c', shape);
        INDArray elements =
                Nd4j.arange((double) window.elements()).castTo(x.dataType()).reshape('c', 1, 1, window.elements(), 1);
        return winners.sub(elements).eq(0).castTo(x.dataType());
    }

    private INDArray shares(INDArray x) {
        INDArray present = present(x);
        return present.div(present.sum(true, 2));
    }

    private INDArray pooled(INDArray patches, INDArray weights, long[] shape) {
        Window sizes = window.window();
        return patches.mul(weights)
                .sum(2)
                .dup('c')
                .reshape(
                        'c',
                        patches.size(0),
                        patches.size(1),
                        sizes.outputSize(0, shape[2]),
                        sizes.outputSize(1, shape[3]),
                        sizes.outputSize(2, shape[4]));
    }

    private final class At implements Linearized {

        private final long[] inputShape;
        private final INDArray weights;
        private final INDArray output;

        At(long[] inputShape, INDArray weights, INDArray output) {
            this.inputShape = inputShape;
            this.weights = weights;
            this.output = output;
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            return inputTangent == null
                    ? null
                    : pooled(window.patches(Folding.compact(inputTangent)), weights, inputShape);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            INDArray compact = Folding.compact(cotangents);
            long[] shape = new long[6];
            shape[0] = cotangents.size(0);
            System.arraycopy(inputShape, 0, shape, 1, 5);
            INDArray result = Nd4j.createUninitialized(cotangents.dataType(), shape, 'c');
            for (long k = 0; k < shape[0]; k++) {
                INDArray delta = compact.slice(k)
                        .dup('c')
                        .reshape(
                                'c',
                                inputShape[0],
                                inputShape[1],
                                1,
                                output.length() / (inputShape[0] * inputShape[1]));
                result.slice(k).assign(window.volumes(delta.mul(weights), inputShape));
            }
            return result;
        }
    }
}
