package io.github.dl4jngd.fisher.curvature;

import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sums over samples of everything that a natural gradient or a spectrum needs of them: a commutative monoid up to
 * rounding, whose zero is {@link #NONE}.
 *
 * <p>What is summed has a name: the loss, the gradient, Kronecker factors, second moments, a product with F, numbers
 * along a direction. A name that one side does not have counts as zero. Numbers lie in Java's own arrays of the model's
 * type, so that sums travel between processes as they are. Floating-point addition is not associative: who wants the
 * same bits adds in the same order, as {@code SumTree} does.
 *
 * @serial exclude
 */
public final class SampleSums implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** The sum over no samples. */
    public static final SampleSums NONE = new SampleSums(0, Map.of(), List.of());

    /** Σ loss_n, one number in float64. */
    public static final String LOSS = "loss";

    /** Σ J_nᵀr_n, and beside it what batch normalisations add to their running statistics, [P]. */
    public static final String GRADIENT = "gradient";

    /** Σ J_nᵀH_nJ_n v, [P]. */
    public static final String PRODUCT = "product";

    /** The numbers of {@link TangentSums}. */
    static final String TANGENT = "tangent";

    private static final String MOMENTS = "moments/";
    private static final String FACTORS = "factors/";
    private static final String UNITS = "units/";

    private final long samples;
    /** Arrays of float or of double, by name. */
    private final TreeMap<String, Object> vectors;

    private final ArrayList<String> faults;

    private SampleSums(long samples, Map<String, Object> vectors, List<String> faults) {
        this.samples = samples;
        this.vectors = new TreeMap<>(vectors);
        this.faults = new ArrayList<>(faults);
    }

    /**
     * The name of one of a layer's Kronecker factors.
     *
     * @param block the block's name
     * @param index which of the factors
     * @return the name of Σ over samples, N times the factor, column-major
     */
    static String factor(String block, int index) {
        return FACTORS + block + "/" + index;
    }

    /** The name of a layer's unit-wise blocks, where it has no Kronecker factors. */
    static String units(String block) {
        return UNITS + block;
    }

    /** The name of E-KFAC's second moments of a layer. */
    static String moments(String block) {
        return MOMENTS + block;
    }

    /**
     * Begins sums.
     *
     * @param samples of how many samples
     * @return what takes them
     */
    public static Builder of(long samples) {
        return new Builder(samples);
    }

    /** Takes sums by name. */
    public static final class Builder {

        private final long samples;
        private final TreeMap<String, Object> vectors = new TreeMap<>();
        private final ArrayList<String> faults = new ArrayList<>();

        private Builder(long samples) {
            this.samples = samples;
        }

        /**
         * Numbers in float64.
         *
         * @param name what they are
         * @param numbers the sums
         * @return this builder
         */
        public Builder with(String name, double... numbers) {
            vectors.put(name, numbers.clone());
            return this;
        }

        /**
         * An array, column by column.
         *
         * @param name what it is
         * @param sums the sums, float32 or float64; copied
         * @return this builder
         */
        public Builder with(String name, INDArray sums) {
            return with(name, sums, 'f');
        }

        /**
         * An array in an order.
         *
         * @param name what it is
         * @param sums the sums, float32 or float64; copied
         * @param order 'c' or 'f'
         * @return this builder
         */
        Builder with(String name, INDArray sums, char order) {
            vectors.put(name, PlainArray.numbers(sums, order));
            return this;
        }

        /**
         * Something that speaks against the samples.
         *
         * @param fault in words, naming where
         * @return this builder
         */
        public Builder fault(String fault) {
            faults.add(fault);
            return this;
        }

        /**
         * Ends.
         *
         * @return the sums
         */
        public SampleSums build() {
            return new SampleSums(samples, vectors, faults);
        }
    }

    /**
     * Adds.
     *
     * @param other sums over other samples
     * @return the sums over both, with the faults of both
     * @throws IllegalArgumentException if a name has other lengths or types on the two sides
     */
    public SampleSums plus(SampleSums other) {
        Map<String, Object> sum = new TreeMap<>(vectors);
        other.vectors.forEach((name, vector) -> {
            Object own = sum.get(name);
            sum.put(name, own == null ? vector : added(name, own, vector));
        });
        List<String> all = new ArrayList<>(faults);
        all.addAll(other.faults);
        return new SampleSums(samples + other.samples, sum, all);
    }

    private static Object added(String name, Object left, Object right) {
        if (left instanceof float[] a && right instanceof float[] b && a.length == b.length) {
            float[] sum = new float[a.length];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = a[i] + b[i];
            }
            return sum;
        }
        if (left instanceof double[] a && right instanceof double[] b && a.length == b.length) {
            double[] sum = new double[a.length];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = a[i] + b[i];
            }
            return sum;
        }
        throw new IllegalArgumentException("The sums named " + name + " are " + described(left) + " on one side and "
                + described(right) + " on the other: they are of different models");
    }

    private static String described(Object vector) {
        return vector instanceof float[] numbers
                ? numbers.length + " numbers in float32"
                : ((double[]) vector).length + " in float64";
    }

    /**
     * The number of samples.
     *
     * @return N
     */
    public long samples() {
        return samples;
    }

    /**
     * What speaks against the samples, such as a NaN among their inputs.
     *
     * @return in words, in the order in which sums were added; empty if nothing does
     */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    /**
     * Whether there are sums of a name.
     *
     * @param name the name
     * @return true if so
     */
    public boolean has(String name) {
        return vectors.containsKey(name);
    }

    /**
     * The mean of the samples' losses.
     *
     * @return Σ loss_n/N
     * @throws IllegalStateException if losses were not summed
     */
    public double meanLoss() {
        return numbers(LOSS)[0] / samples;
    }

    /**
     * Numbers in float64.
     *
     * @param name what they are
     * @return the sums
     * @throws IllegalStateException if there are none of the name
     */
    public double[] numbers(String name) {
        return ((double[]) required(name)).clone();
    }

    /**
     * Sums as a vector.
     *
     * @param name what they are
     * @return the sums, of the type that they were given in, column by column
     * @throws IllegalStateException if there are none of the name
     */
    public INDArray vector(String name) {
        Object numbers = required(name);
        return numbers instanceof float[] own ? Nd4j.createFromArray(own) : Nd4j.createFromArray((double[]) numbers);
    }

    /** Means as an array of a shape. */
    INDArray mean(String name, long[] shape, char order) {
        INDArray sums = vector(name);
        if (sums.length() != Arrays.stream(shape).reduce(1, (a, b) -> a * b)) {
            throw new IllegalArgumentException("The sums named " + name + " are " + sums.length()
                    + " numbers, expected an array of " + Arrays.toString(shape));
        }
        return sums.divi(samples).reshape(order, shape);
    }

    private Object required(String name) {
        Object numbers = vectors.get(name);
        if (numbers == null) {
            throw new IllegalStateException("Nothing named " + name + " was summed; there is " + vectors.keySet());
        }
        return numbers;
    }

    /**
     * The memory of the numbers.
     *
     * @return bytes
     */
    public long bytes() {
        return vectors.values().stream()
                .mapToLong(
                        numbers -> numbers instanceof float[] own ? 4L * own.length : 8L * ((double[]) numbers).length)
                .sum();
    }

    /** Whether both are sums of the same names over as many samples, equal to the bit. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SampleSums sums
                && samples == sums.samples
                && faults.equals(sums.faults)
                && vectors.keySet().equals(sums.vectors.keySet())
                && vectors.keySet().stream().allMatch(name -> same(required(name), sums.required(name)));
    }

    private static boolean same(Object left, Object right) {
        if (left instanceof float[] a && right instanceof float[] b) {
            return Arrays.equals(a, b);
        }
        return left instanceof double[] c && right instanceof double[] d && Arrays.equals(c, d);
    }

    @Override
    public int hashCode() {
        return 31 * vectors.keySet().hashCode() + Long.hashCode(samples);
    }

    @Override
    public String toString() {
        return "sums over " + samples + " samples of " + vectors.keySet()
                + (faults.isEmpty() ? "" : ", with faults: " + faults);
    }
}
