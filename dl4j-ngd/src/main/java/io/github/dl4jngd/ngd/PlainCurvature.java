package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.curvature.Damping;
import io.github.dl4jngd.fisher.curvature.Direction;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The identity in the place of F̂ + ρI: the direction is the gradient. */
final class PlainCurvature implements Curvature {

    @Override
    public boolean observes() {
        return false;
    }

    @Override
    public Direction solve(INDArray gradient, MinibatchPoint point, Damping damping) {
        return new Direction(gradient, 0, 0, false, "");
    }

    @Override
    public Optional<UnaryOperator<INDArray>> inverse() {
        return Optional.empty();
    }

    @Override
    public boolean usesLogits(MinibatchPoint point) {
        return false;
    }

    @Override
    public Damping dampingInUse() {
        return Damping.absolute(0);
    }

    @Override
    public double isotropyConstant(Direction direction) {
        return 1;
    }

    @Override
    public void stepMade() {}

    @Override
    public Undo begin() {
        return () -> {};
    }

    /** Nothing of it lives across steps. */
    @Override
    public void save(CheckpointState into) {}

    @Override
    public void restore(CheckpointState from) {}

    @Override
    public void close() {}
}
