package io.github.dl4jngd.fisher.operation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A junction of every part of samples, [N, T, …], which is [N T, …] to the junction inside. */
final class PartsJunction implements Junction {

    private final Junction inside;

    PartsJunction(Junction inside) {
        this.inside = inside;
    }

    @Override
    public Linearized linearize(List<INDArray> inputs) {
        long samples = inputs.get(0).size(0);
        Linearized at = inside.linearize(inputs.stream().map(Folding::fold).toList());
        INDArray output = Folding.unfold(at.output(), samples);
        return new Linearized() {
            @Override
            public INDArray output() {
                return output;
            }

            @Override
            public INDArray jvp(List<@Nullable INDArray> tangents) {
                List<@Nullable INDArray> folded = new ArrayList<>();
                for (INDArray tangent : tangents) {
                    folded.add(tangent == null ? null : Folding.fold(tangent));
                }
                return Folding.unfold(at.jvp(folded), samples);
            }

            @Override
            public List<INDArray> vjp(INDArray cotangents) {
                long count = cotangents.size(0);
                INDArray together = Folding.unfold(Folding.fold(Folding.fold(cotangents)), count);
                return at.vjp(together).stream()
                        .map(back -> Folding.unfold(Folding.unfold(Folding.fold(back), count * samples), count))
                        .toList();
            }
        };
    }
}
