package io.github.dl4jngd.fisher.operation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Sum, mean, difference, product or maximum of inputs: DL4J's ElementWiseVertex. An input of size 1 along an axis is
 * repeated along it, so that its cotangents are sums.
 */
final class ElementwiseJunction implements Junction {

    private final String name;
    private final Operations.Combination kind;

    ElementwiseJunction(String name, Operations.Combination kind) {
        this.name = name;
        this.kind = kind;
    }

    @Override
    public Linearized linearize(List<INDArray> inputs) {
        long[] shape = commonShape(inputs);
        if (inputs.stream().allMatch(input -> Arrays.equals(input.shape(), shape))) {
            return ofOneShape(inputs);
        }
        Linearized at =
                ofOneShape(inputs.stream().map(input -> repeated(input, shape)).toList());
        return new Repeating(at, inputs.stream().map(INDArray::shape).toList(), shape);
    }

    private Linearized ofOneShape(List<INDArray> inputs) {
        return switch (kind) {
            case PRODUCT -> new Product(inputs);
            case MAXIMUM -> new Maximum(inputs);
            default -> new Linear(inputs);
        };
    }

    /** The largest size along each axis; every input has it or 1. */
    private long[] commonShape(List<INDArray> inputs) {
        long[] shape = inputs.get(0).shape().clone();
        for (INDArray input : inputs) {
            boolean fits = input.rank() == shape.length && input.size(0) == shape[0];
            for (int axis = 1; fits && axis < shape.length; axis++) {
                long size = input.size(axis);
                fits = size == shape[axis] || size == 1 || shape[axis] == 1;
                shape[axis] = Math.max(shape[axis], size);
            }
            if (!fits) {
                throw new IllegalArgumentException("Vertex " + name + ": inputs of shapes "
                        + Arrays.toString(inputs.get(0).shape()) + " and " + Arrays.toString(input.shape())
                        + " do not fit together");
            }
        }
        return shape;
    }

    private static INDArray repeated(INDArray array, long[] shape) {
        if (Arrays.equals(array.shape(), shape)) {
            return array;
        }
        INDArray result = Nd4j.createUninitialized(array.dataType(), shape, 'c');
        return Folding.compact(array).broadcast(result);
    }

    /** Inputs of several shapes, repeated before a junction of one shape. */
    private static final class Repeating implements Linearized {

        private final Linearized inside;
        private final List<long[]> shapes;
        private final long[] shape;

        Repeating(Linearized inside, List<long[]> shapes, long[] shape) {
            this.inside = inside;
            this.shapes = shapes;
            this.shape = shape;
        }

        @Override
        public INDArray output() {
            return inside.output();
        }

        @Override
        public INDArray jvp(List<@Nullable INDArray> tangents) {
            List<@Nullable INDArray> repeated = new ArrayList<>();
            for (INDArray tangent : tangents) {
                repeated.add(tangent == null ? null : repeated(tangent, shape));
            }
            return inside.jvp(repeated);
        }

        @Override
        public List<INDArray> vjp(INDArray cotangents) {
            List<INDArray> whole = inside.vjp(cotangents);
            List<INDArray> result = new ArrayList<>();
            for (int i = 0; i < whole.size(); i++) {
                long[] own = shapes.get(i);
                int[] axes = IntStream.range(1, own.length)
                        .filter(axis -> own[axis] != shape[axis])
                        .map(axis -> axis + 1)
                        .toArray();
                result.add(axes.length == 0 ? whole.get(i) : whole.get(i).sum(true, axes));
            }
            return result;
        }
    }

    /** The factor of an input in a linear combination. */
    private double factor(int input, int count) {
        return switch (kind) {
            case AVERAGE -> 1.0 / count;
            case SUBTRACT -> input == 0 ? 1 : -1;
            default -> 1;
        };
    }

    private static INDArray requireMoved(@Nullable INDArray sum) {
        if (sum == null) {
            throw new IllegalArgumentException("All tangents are zero; at least one input of a junction must move");
        }
        return sum;
    }

    private final class Linear implements Linearized {

        private final int count;
        private final INDArray output;

        Linear(List<INDArray> inputs) {
            this.count = inputs.size();
            this.output = jvp(inputs);
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public INDArray jvp(List<@Nullable INDArray> tangents) {
            INDArray sum = null;
            // whether the sum is an array of its own and not one of the tangents
            boolean fresh = false;
            for (int i = 0; i < count; i++) {
                INDArray tangent = tangents.get(i);
                if (tangent != null) {
                    double factor = factor(i, count);
                    INDArray term = factor == 1 ? tangent : tangent.mul(factor);
                    if (sum == null) {
                        sum = term;
                        fresh = factor != 1;
                    } else {
                        sum = fresh ? sum.addi(term) : sum.add(term);
                        fresh = true;
                    }
                }
            }
            return requireMoved(sum);
        }

        @Override
        public List<INDArray> vjp(INDArray cotangents) {
            List<INDArray> result = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                double factor = factor(i, count);
                result.add(factor == 1 ? cotangents : cotangents.mul(factor));
            }
            return result;
        }
    }

    private static final class Product implements Linearized {

        private final List<INDArray> inputs;

        Product(List<INDArray> inputs) {
            this.inputs = List.copyOf(inputs);
        }

        @Override
        public INDArray output() {
            INDArray product = inputs.get(0).dup('c');
            inputs.subList(1, inputs.size()).forEach(product::muli);
            return product;
        }

        /** The product of all inputs but one; null where there are none. */
        private @Nullable INDArray others(int input) {
            INDArray product = null;
            for (int i = 0; i < inputs.size(); i++) {
                if (i != input) {
                    product = product == null ? inputs.get(i).dup('c') : product.muli(inputs.get(i));
                }
            }
            return product;
        }

        @Override
        public INDArray jvp(List<@Nullable INDArray> tangents) {
            INDArray sum = null;
            for (int i = 0; i < inputs.size(); i++) {
                INDArray tangent = tangents.get(i);
                if (tangent != null) {
                    INDArray others = others(i);
                    INDArray term = others == null ? tangent.dup('c') : others.muli(tangent);
                    sum = sum == null ? term : sum.addi(term);
                }
            }
            return requireMoved(sum);
        }

        @Override
        public List<INDArray> vjp(INDArray cotangents) {
            List<INDArray> result = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                INDArray others = others(i);
                result.add(others == null ? cotangents : cotangents.mul(Folding.broadcastable(others)));
            }
            return result;
        }
    }

    /** The derivative belongs to the first of the largest inputs. */
    private static final class Maximum implements Linearized {

        private final INDArray output;
        /** One for each input: 1 where it is the first of the largest. */
        private final List<INDArray> winners = new ArrayList<>();

        Maximum(List<INDArray> inputs) {
            INDArray largest = inputs.get(0).dup('c');
            inputs.subList(1, inputs.size()).forEach(input -> Transforms.max(largest, input, false));
            output = largest;
            INDArray open = Nd4j.onesLike(largest);
            for (INDArray input : inputs) {
                INDArray wins = input.eq(largest).castTo(largest.dataType()).muli(open);
                open = open.sub(wins);
                winners.add(wins);
            }
        }

        @Override
        public INDArray output() {
            return output;
        }

        @Override
        public INDArray jvp(List<@Nullable INDArray> tangents) {
            INDArray sum = null;
            for (int i = 0; i < winners.size(); i++) {
                INDArray tangent = tangents.get(i);
                if (tangent != null) {
                    INDArray term = tangent.mul(winners.get(i));
                    sum = sum == null ? term : sum.addi(term);
                }
            }
            return requireMoved(sum);
        }

        @Override
        public List<INDArray> vjp(INDArray cotangents) {
            return winners.stream()
                    .map(wins -> cotangents.mul(Folding.broadcastable(wins)))
                    .toList();
        }
    }
}
