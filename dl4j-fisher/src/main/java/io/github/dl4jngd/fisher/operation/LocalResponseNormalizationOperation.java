package io.github.dl4jngd.fisher.operation;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * y_c = x_c u_c^{−β}, u_c = k + α Σ_j x_j² over the channels j within ⌊n/2⌋ of c, at every pixel of x [N, C, H, W]:
 * DL4J's LocalResponseNormalization.
 *
 * <p>With the symmetric band B of ones, jvp u^{−β} ẋ − 2αβ x u^{−β−1} B(x ẋ), vjp u^{−β} δ − 2αβ x B(x u^{−β−1} δ).
 */
final class LocalResponseNormalizationOperation implements Operation {

    private final int reach;
    private final double k;
    private final double alpha;
    private final double beta;

    LocalResponseNormalizationOperation(int reach, double k, double alpha, double beta) {
        this.reach = reach;
        this.k = k;
        this.alpha = alpha;
        this.beta = beta;
    }

    /** B u: sums over neighbouring channels of u [N, C, H, W]. */
    private INDArray band(INDArray u) {
        long channels = u.size(1);
        INDArray band = Nd4j.create(u.dataType(), channels, channels);
        for (long row = 0; row < channels; row++) {
            for (long column = Math.max(0, row - reach); column <= Math.min(channels - 1, row + reach); column++) {
                band.putScalar(row, column, 1);
            }
        }
        INDArray pixels = u.permute(0, 2, 3, 1).dup('c');
        return pixels.reshape('c', u.length() / channels, channels)
                .mmul(band)
                .dup('c')
                .reshape('c', pixels.shape())
                .permute(0, 3, 1, 2)
                .dup('c');
    }

    @Override
    public Linearized linearize(INDArray input, INDArray parameters) {
        INDArray u = band(input.mul(input)).muli(alpha).addi(k);
        INDArray power = Transforms.pow(u, -beta, true);
        INDArray slope = input.mul(power).divi(u);
        return new At(input, power, slope);
    }

    private final class At implements Linearized {

        private final INDArray x;
        /** u^{−β}. */
        private final INDArray power;
        /** x u^{−β−1}. */
        private final INDArray slope;

        At(INDArray x, INDArray power, INDArray slope) {
            this.x = x;
            this.power = power;
            this.slope = slope;
        }

        @Override
        public INDArray output() {
            return x.mul(power);
        }

        @Override
        public @Nullable INDArray jvp(@Nullable INDArray inputTangent, INDArray tangent) {
            if (inputTangent == null) {
                return null;
            }
            INDArray coupling = band(x.mul(inputTangent)).muli(slope).muli(2 * alpha * beta);
            return power.mul(inputTangent).subi(coupling);
        }

        @Override
        public INDArray vjp(INDArray cotangents) {
            INDArray result = cotangents.mul(Folding.broadcastable(power));
            for (long i = 0; i < cotangents.size(0); i++) {
                INDArray coupling = band(slope.mul(cotangents.slice(i))).muli(x).muli(2 * alpha * beta);
                result.slice(i).subi(coupling);
            }
            return result;
        }
    }
}
