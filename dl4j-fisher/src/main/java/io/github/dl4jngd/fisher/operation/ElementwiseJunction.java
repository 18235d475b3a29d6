package io.github.dl4jngd.fisher.operation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sum, mean, difference or product of inputs of one shape: DL4J's ElementWiseVertex. */
final class ElementwiseJunction implements Junction {

    private final String name;
    private final Operations.Combination kind;

    ElementwiseJunction(String name, Operations.Combination kind) {
        this.name = name;
        this.kind = kind;
    }

    @Override
    public Linearized linearize(List<INDArray> inputs) {
        for (INDArray input : inputs) {
            if (!Arrays.equals(input.shape(), inputs.get(0).shape())) {
                throw new UnsupportedModelException("Vertex " + name + ": inputs of different shapes, "
                        + Arrays.toString(inputs.get(0).shape()) + " and " + Arrays.toString(input.shape())
                        + ", have no rule (DL4J would broadcast them)");
            }
        }
        return kind == Operations.Combination.PRODUCT ? new Product(inputs) : new Linear(inputs);
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
}
