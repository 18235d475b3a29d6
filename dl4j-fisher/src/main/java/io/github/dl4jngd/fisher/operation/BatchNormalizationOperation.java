package io.github.dl4jngd.fisher.operation;

import io.github.dl4jngd.fisher.jacobian.FormedJacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * z = γ x̂ + β, x̂ = (x − μ)/σ, σ² = var + ε, per channel (axis 1) over all other axes: DL4J's BatchNormalization.
 *
 * <p>With batch statistics the derivative of x̂ is the projection D u = (u − mean(u) − x̂ mean(x̂ u))/σ, which is its
 * own adjoint (mean over the minibatch and all positions; var is the biased one): jvp γ D ẋ + γ̇ x̂ + β̇, vjp D(γ δ).
 * Taken as constants, or with running statistics, D u = u/σ. Running statistics are read and never written.
 */
final class BatchNormalizationOperation implements Operation {

    private final String layer;
    private final long channels;
    private final @Nullable ParameterSlice gamma;
    private final @Nullable ParameterSlice beta;
    private final double fixedGamma;
    private final double fixedBeta;
    private final Operations.RunningStatistics running;
    private final double epsilon;
    private final BatchStatistics statistics;
    /** Null where γ and β are constants. */
    private final @Nullable Trained trained;

    /** γ and β as parameters. */
    private record Trained(ParameterSlice gamma, ParameterSlice beta, ParameterBlock block) {}

    BatchNormalizationOperation(
            String layer,
            long channels,
            Operations.BatchScale scale,
            Operations.RunningStatistics running,
            double epsilon,
            BatchStatistics statistics,
            boolean trainable) {
        this.layer = layer;
        this.channels = channels;
        this.gamma = scale.gamma();
        this.beta = scale.beta();
        this.fixedGamma = scale.fixedGamma();
        this.fixedBeta = scale.fixedBeta();
        this.running = running;
        this.epsilon = epsilon;
        this.statistics = statistics;
        this.trained = trainable && gamma != null && beta != null
                ? new Trained(
                        gamma,
                        beta,
                        ParameterBlock.of(layer, gamma.offset(), 1, channels)
                                .withBias(beta.offset())
                                .withoutWeights())
                : null;
    }

    @Override
    public Optional<ParameterBlock> block() {
        return trained == null ? Optional.empty() : Optional.of(trained.block());
    }

    @Override
    public boolean couplesSamples() {
        return statistics == BatchStatistics.COUPLED;
    }

    /** The mean of every channel of [N, C, …], row-major: [C]. */
    private INDArray mean(INDArray array) {
        return Sums.perChannel(array).divi(array.length() / channels);
    }

    /** A value for each channel as an array that broadcasts against the given rank. */
    private INDArray perChannel(INDArray values, int rank) {
        long[] shape = new long[rank];
        Arrays.fill(shape, 1);
        shape[1] = channels;
        return values.dup('c').reshape('c', shape);
    }

    private INDArray runningVariance(INDArray parameters) {
        if (running.variance() != null) {
            return running.variance().of(parameters);
        }
        // DL4J keeps log10 of the deviation on request
        if (running.logDeviation() != null) {
            return Transforms.exp(running.logDeviation().of(parameters).mul(2 * Math.log(10)), false);
        }
        throw new IllegalArgumentException("Layer " + layer
                + ": running statistics need the variance or the logarithm of its root; neither was given");
    }

    private INDArray gammaOf(INDArray parameters) {
        return gamma == null
                ? Nd4j.valueArrayOf(new long[] {channels}, fixedGamma, parameters.dataType())
                : gamma.of(parameters);
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        int rank = input.rank();
        if ((rank != 2 && rank != 4) || input.size(1) != channels) {
            throw new IllegalArgumentException("Layer " + layer + ": expected an input [N, " + channels + "] or [N, "
                    + channels + ", height, width], got " + Arrays.toString(input.shape()));
        }
        INDArray x = Folding.compact(input);
        boolean ofBatch = statistics != BatchStatistics.RUNNING;
        INDArray mean = ofBatch ? mean(x) : running.mean().of(parameters);
        INDArray normalized = x.sub(perChannel(mean, rank));
        // of centred inputs: no cancellation
        INDArray variance = ofBatch ? mean(normalized.mul(normalized)) : runningVariance(parameters);
        INDArray inverseDeviation =
                perChannel(Transforms.sqrt(variance.add(epsilon), false).rdivi(1), rank);
        normalized.muli(inverseDeviation);
        INDArray scale = perChannel(gammaOf(parameters), rank);
        INDArray output = normalized.mul(scale);
        if (beta == null) {
            output.addi(fixedBeta);
        } else {
            output.addi(perChannel(beta.of(parameters), rank));
        }
        return new At(
                normalized, inverseDeviation, scale, output, ofBatch ? new Moments(mean, variance, parameters) : null);
    }

    /**
     * A minibatch's own statistics, [C] each, beside the running ones.
     *
     * @param parameters θ, [P], which holds the running ones
     */
    private record Moments(INDArray mean, INDArray variance, INDArray parameters) {}

    private final class At implements Linearized {

        private final INDArray normalized;
        private final INDArray inverseDeviation;
        private final INDArray scale;
        private final INDArray output;
        /** Null with running statistics. */
        private final @Nullable Moments ofBatch;

        At(INDArray normalized, INDArray inverseDeviation, INDArray scale, INDArray output, @Nullable Moments ofBatch) {
            this.normalized = normalized;
            this.inverseDeviation = inverseDeviation;
            this.scale = scale;
            this.output = output;
            this.ofBatch = ofBatch;
        }

        /** With log10 of the deviation instead of the variance: ½ log10(var / (d var + (1 − d) batch)). */
        @Override
        public void writeStatistics(INDArray update) {
            if (ofBatch == null) {
                return;
            }
            double decay = running.decay();
            assign(
                    running.mean().of(update),
                    flat(running.mean().of(ofBatch.parameters()))
                            .sub(ofBatch.mean())
                            .muli(1 - decay));
            INDArray variance = flat(runningVariance(ofBatch.parameters()));
            if (running.variance() != null) {
                assign(
                        running.variance().of(update),
                        variance.sub(ofBatch.variance()).muli(1 - decay));
            } else if (running.logDeviation() != null) {
                INDArray next = variance.mul(decay).addi(ofBatch.variance().mul(1 - decay));
                assign(
                        running.logDeviation().of(update),
                        Transforms.log(variance.div(next), false).muli(0.5 / Math.log(10)));
            }
        }

        private static INDArray flat(INDArray array) {
            return array.reshape(array.length());
        }

        @Override
        public INDArray output() {
            return output;
        }

        /**
         * D(c u) · s + x̂ t + o for per-channel c s = factor, t and o: u factor + x̂ (t − factor mean(u x̂)) + o −
         * factor mean(u) with batch statistics, else u factor + x̂ t + o.
         *
         * @param u of the input's shape; not modified
         * @param factor γ/σ
         * @param slope t, [1, C, …]; null for zero
         * @param offset o, [1, C, …]; null for zero
         */
        private INDArray derivative(INDArray u, INDArray factor, @Nullable INDArray slope, @Nullable INDArray offset) {
            return couplesSamples()
                    ? coupledDerivative(u, factor, slope, offset, mean(u.mul(normalized)), mean(u))
                    : affine(u, factor, slope, offset);
        }

        /** With batch statistics, mean(u x̂) and mean(u) at hand. */
        private INDArray coupledDerivative(
                INDArray u,
                INDArray factor,
                @Nullable INDArray slope,
                @Nullable INDArray offset,
                INDArray alongNormalized,
                INDArray alone) {
            int rank = u.rank();
            INDArray t =
                    plus(slope, perChannel(alongNormalized, rank).muli(factor).negi());
            INDArray o = plus(offset, perChannel(alone, rank).muli(factor).negi());
            return affine(u, factor, t, o);
        }

        /** u factor + x̂ t + o. */
        private INDArray affine(INDArray u, INDArray factor, @Nullable INDArray t, @Nullable INDArray o) {
            INDArray result = u.mul(factor);
            if (t != null) {
                result.addi(normalized.mul(t));
            }
            return o == null ? result : result.addi(o);
        }

        private static INDArray plus(@Nullable INDArray sum, INDArray term) {
            return sum == null ? term : term.addi(sum);
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            INDArray factor = scale.mul(inverseDeviation);
            if (trained == null) {
                return inputTangent == null ? null : derivative(Folding.compact(inputTangent), factor, null, null);
            }
            int rank = normalized.rank();
            INDArray slope = perChannel(trained.gamma().of(tangent), rank);
            INDArray offset = perChannel(trained.beta().of(tangent), rank);
            return inputTangent == null
                    ? normalized.mul(slope).addi(offset)
                    : derivative(Folding.compact(inputTangent), factor, slope, offset);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            INDArray factor = scale.mul(inverseDeviation);
            if (!couplesSamples()) {
                return cotangents.mul(Folding.broadcastable(factor));
            }
            if (cotangents.size(0) == 1) {
                return Folding.unfold(derivative(Folding.fold(cotangents), factor, null, null), 1);
            }
            INDArray compact = Folding.compact(cotangents);
            INDArray result = Nd4j.createUninitialized(cotangents.dataType(), cotangents.shape(), 'c');
            for (long k = 0; k < cotangents.size(0); k++) {
                result.slice(k).assign(derivative(Folding.compact(compact.slice(k)), factor, null, null));
            }
            return result;
        }

        @Override
        public boolean sumsRows() {
            return true;
        }

        /** Σ δ x̂ for γ and Σ δ for β are the sums that D needs. */
        @Override
        public @Nullable INDArray pullBack(INDArray cotangent, boolean toInput, INDArray gradient) {
            INDArray delta = Folding.fold(cotangent);
            INDArray alongNormalized = mean(delta.mul(normalized));
            INDArray alone = mean(delta);
            if (trained != null) {
                double count = (double) delta.length() / channels;
                assign(trained.gamma().of(gradient), alongNormalized.mul(count));
                assign(trained.beta().of(gradient), alone.mul(count));
            }
            if (!toInput) {
                return null;
            }
            INDArray factor = scale.mul(inverseDeviation);
            INDArray back = couplesSamples()
                    ? coupledDerivative(delta, factor, null, null, alongNormalized, alone)
                    : affine(delta, factor, null, null);
            return Folding.unfold(back, 1);
        }

        private static void assign(INDArray target, INDArray values) {
            target.assign(values.reshape('c', target.shape()));
        }

        /** Rows Σ δ x̂ for γ and Σ δ for β, over the positions of a sample, or of the whole coupled minibatch. */
        @Override
        public LayerJacobian jacobian(INDArray cotangents, Parameterization scaling, boolean coupled) {
            if (trained == null) {
                return Linearized.super.jacobian(cotangents, scaling, coupled);
            }
            int rank = cotangents.rank();
            int[] axes = IntStream.range(coupled ? 1 : 2, rank)
                    .filter(axis -> axis != 2)
                    .toArray();
            INDArray products = cotangents.mul(Folding.broadcastable(normalized));
            long rows = coupled ? cotangents.size(0) : cotangents.size(0) * cotangents.size(1);
            INDArray matrix = Nd4j.createUninitialized(cotangents.dataType(), new long[] {rows, channels, 2}, 'c');
            INDArray scaleRows = axes.length == 0 ? products : products.sum(axes);
            INDArray shiftRows = axes.length == 0 ? cotangents : cotangents.sum(axes);
            matrix.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(0))
                    .assign(scaleRows.dup('c').reshape('c', rows, channels));
            matrix.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(1))
                    .assign(shiftRows.dup('c').reshape('c', rows, channels));
            return new FormedJacobian(trained.block(), matrix.reshape('c', rows, 2 * channels), coupled);
        }
    }
}
