package io.github.dl4jngd.fisher.jacobian;

import io.github.dl4jngd.fisher.internal.Products;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The rows of an embedding: ã is the unit vector of a word, so that row (k, n) is Σ_t e_{w(n,t)} ⊗ δ̃_{k,n,t} over the
 * T words of a sample, or over all words of a minibatch whose samples are coupled. A bias is a word that every position
 * has.
 *
 * <p>Nothing here is as large as the vocabulary but what has the parameters' size: only the words that occur have
 * columns. A = (1/N) Σ ããᵀ is the diagonal of the words' counts; of a bias its products with the words are left out, as
 * between the blocks of a split A.
 */
public final class EmbeddingJacobian implements KroneckerFactored, UnitRows {

    private final ParameterBlock block;
    /** The words of sample 0, then those of the next. */
    private final int[] words;

    private final INDArray cotangents;
    private final double weightScale;
    private final double biasScale;
    private final boolean coupled;
    /** Made when first asked for. */
    private @Nullable Entries entries;

    /**
     * Keeps the captured arrays, without copying them.
     *
     * @param block the layer's parameters, [vocabulary (+1), units]
     * @param words w(n, t), the T words of sample 0 first
     * @param cotangents δ̃, [K, N, T, units], row-major
     * @param rootScales √s of the parameterisation's scales, one for each input; null for ones
     * @param coupled whether a row is the sum over all samples
     */
    public EmbeddingJacobian(
            ParameterBlock block, int[] words, INDArray cotangents, double @Nullable [] rootScales, boolean coupled) {
        this(
                block,
                words.clone(),
                cotangents,
                rootScales == null ? 1 : rootScales[0],
                rootScales == null ? 1 : rootScales[rootScales.length - 1],
                coupled);
    }

    private EmbeddingJacobian(
            ParameterBlock block,
            int[] words,
            INDArray cotangents,
            double weightScale,
            double biasScale,
            boolean coupled) {
        if (cotangents.rank() != 4
                || cotangents.size(1) * cotangents.size(2) != words.length
                || cotangents.size(3) != block.units()) {
            throw new IllegalArgumentException("Layer " + block.name() + ": expected cotangents [K, N, T, "
                    + block.units() + "] for " + words.length + " words, got " + Arrays.toString(cotangents.shape()));
        }
        this.block = block;
        this.words = words;
        this.cotangents = cotangents;
        this.weightScale = weightScale;
        this.biasScale = biasScale;
        this.coupled = coupled;
    }

    /** The entries of rows that are not zero. */
    private static final class Entries {
        /** The column of ã. */
        private final int[] words;
        /** The sample, or 0 where samples are coupled. */
        private final int[] groups;
        /** Σ_t √s δ̃ over the positions that an entry comes from, [entries, K, units]. */
        private final INDArray sums;

        Entries(int[] words, int[] groups, INDArray sums) {
            this.words = words;
            this.groups = groups;
            this.sums = sums;
        }
    }

    private Entries entries() {
        Entries made = entries;
        if (made == null) {
            made = makeEntries();
            entries = made;
        }
        return made;
    }

    private Entries makeEntries() {
        int positions = Math.toIntExact(positions());
        List<int[]> found = new ArrayList<>();
        int[] entryOf = new int[words.length];
        Map<Long, Integer> known = new HashMap<>();
        for (int i = 0; i < words.length; i++) {
            int group = coupled ? 0 : i / positions;
            int word = words[i];
            long key = group * block.inputs() + word;
            entryOf[i] = known.computeIfAbsent(key, ignored -> {
                found.add(new int[] {word, group});
                return found.size() - 1;
            });
        }
        INDArray deltas = cotangents.permute(1, 2, 0, 3).dup('c').reshape('c', words.length, count() * block.units());
        List<INDArray> sums = new ArrayList<>();
        sums.add(Scatter.add(deltas, entryOf, found.size()).muli(weightScale));
        if (block.hasBias()) {
            int[] groupOf = new int[words.length];
            Arrays.setAll(groupOf, i -> coupled ? 0 : i / positions);
            sums.add(Scatter.add(deltas, groupOf, groups()).muli(biasScale));
            for (int group = 0; group < groups(); group++) {
                found.add(new int[] {Math.toIntExact(block.weightInputs()), group});
            }
        }
        return new Entries(
                found.stream().mapToInt(entry -> entry[0]).toArray(),
                found.stream().mapToInt(entry -> entry[1]).toArray(),
                Nd4j.concat(0, sums.toArray(new INDArray[0])).reshape('c', found.size(), count(), block.units()));
    }

    @Override
    public ParameterBlock block() {
        return block;
    }

    @Override
    public long rows() {
        return count() * groups();
    }

    private long count() {
        return cotangents.size(0);
    }

    private long samples() {
        return cotangents.size(1);
    }

    private long positions() {
        return cotangents.size(2);
    }

    /** The rows of one cotangent. */
    private long groups() {
        return coupled ? 1 : samples();
    }

    /** Word by word: (k, g) and (j, h) have Σ_w of the products of their entries. */
    @Override
    public INDArray gram(DataType dataType) {
        Entries e = entries();
        Map<Integer, List<Integer>> ofWord = new HashMap<>();
        for (int i = 0; i < e.words.length; i++) {
            ofWord.computeIfAbsent(e.words[i], ignored -> new ArrayList<>()).add(i);
        }
        int rows = Math.toIntExact(rows());
        double[][] gram = new double[rows][rows];
        INDArray sums = e.sums.castTo(DataType.DOUBLE);
        for (List<Integer> own : ofWord.values()) {
            addProducts(e, sums, own, gram);
        }
        return Nd4j.createFromArray(gram).castTo(dataType);
    }

    private void addProducts(Entries e, INDArray sums, List<Integer> own, double[][] gram) {
        int count = Math.toIntExact(count());
        int groups = Math.toIntExact(groups());
        INDArray deltas = Scatter.gather(
                        sums.reshape('c', sums.size(0), count * block.units()),
                        own.stream().mapToInt(Integer::intValue).toArray())
                .reshape('c', (long) own.size() * count, block.units());
        double[][] products = deltas.mmul(deltas.transpose()).toDoubleMatrix();
        for (int i = 0; i < products.length; i++) {
            double[] row = gram[i % count * groups + e.groups[own.get(i / count)]];
            for (int j = 0; j < products.length; j++) {
                row[j % count * groups + e.groups[own.get(j / count)]] += products[i][j];
            }
        }
    }

    @Override
    public INDArray transposeTimes(INDArray coefficients) {
        Entries e = entries();
        INDArray ofGroup =
                coefficients.reshape('c', count(), groups()).transpose().dup('c');
        INDArray weights = Scatter.gather(ofGroup, e.groups).reshape('c', e.words.length, count(), 1);
        return Scatter.add(e.sums.mul(weights).sum(1), e.words, block.inputs());
    }

    @Override
    public INDArray times(INDArray tangent) {
        Entries e = entries();
        INDArray own = Scatter.gather(tangent, e.words).reshape('c', e.words.length, 1, block.units());
        INDArray products = e.sums.mul(own).sum(2);
        return Scatter.add(products, e.groups, groups()).transpose().dup('c').reshape('c', new long[] {rows()});
    }

    @Override
    public INDArray toDense() {
        Entries e = entries();
        INDArray dense = Nd4j.create(cotangents.dataType(), rows(), block.units(), block.inputs());
        for (int i = 0; i < e.words.length; i++) {
            for (long k = 0; k < count(); k++) {
                dense.get(
                                NDArrayIndex.point(k * groups() + e.groups[i]),
                                NDArrayIndex.all(),
                                NDArrayIndex.point(e.words[i]))
                        .assign(e.sums.slice(i).getRow(k));
            }
        }
        return dense.reshape('c', rows(), block.parameters());
    }

    /** At the words that occur. */
    @Override
    public INDArray unit(long unit) {
        Entries e = entries();
        int[] present = occurring();
        double[][] rows = new double[Math.toIntExact(rows())][present.length];
        double[][] sums = e.sums.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(unit))
                .toDoubleMatrix();
        int groups = Math.toIntExact(groups());
        for (int i = 0; i < sums.length; i++) {
            int column = Arrays.binarySearch(present, e.words[i]);
            for (int k = 0; k < sums[i].length; k++) {
                rows[k * groups + e.groups[i]][column] = sums[i][k];
            }
        }
        return Nd4j.createFromArray(rows).castTo(cotangents.dataType());
    }

    /** The words that have columns at this minibatch, with a bias its own, too, ascending. */
    private int[] occurring() {
        return Arrays.stream(entries().words).sorted().distinct().toArray();
    }

    @Override
    public INDArray spread(INDArray values) {
        return Scatter.add(values.dup('c'), occurring(), block.inputs());
    }

    @Override
    public INDArray gather(INDArray matrix) {
        return Scatter.gather(matrix, occurring());
    }

    @Override
    public double squaredNorm() {
        return Products.squaredNorm(entries().sums);
    }

    @Override
    public EmbeddingJacobian castTo(DataType dataType) {
        return cotangents.dataType() == dataType
                ? this
                : new EmbeddingJacobian(block, words, cotangents.castTo(dataType), weightScale, biasScale, coupled);
    }

    @Override
    public EmbeddingJacobian joined(long parts) {
        INDArray regrouped =
                cotangents.dup('c').reshape('c', count(), samples() / parts, parts * positions(), block.units());
        return new EmbeddingJacobian(block, words, regrouped, weightScale, biasScale, coupled);
    }

    @Override
    public EmbeddingJacobian firstSamples(long count) {
        return count >= samples()
                ? this
                : new EmbeddingJacobian(
                        block,
                        Arrays.copyOf(words, Math.toIntExact(count * positions())),
                        cotangents
                                .get(
                                        NDArrayIndex.all(),
                                        NDArrayIndex.interval(0, count),
                                        NDArrayIndex.all(),
                                        NDArrayIndex.all())
                                .dup('c'),
                        weightScale,
                        biasScale,
                        coupled);
    }

    /**
     * The captured cotangents.
     *
     * @return δ̃, [K, N, T, units]
     */
    public INDArray cotangents() {
        return cotangents;
    }

    /**
     * The same words with other cotangents.
     *
     * @param others δ̃, [K, N, T, units], row-major
     * @return a layer that shares the words
     */
    public EmbeddingJacobian withCotangents(INDArray others) {
        return new EmbeddingJacobian(block, words, others, weightScale, biasScale, coupled);
    }

    /**
     * The diagonal of A: how often each word occurs, over N.
     *
     * @param sharing whether positions count as they are, or as parts of their samples' mean, whose products of two
     *     words are left out
     * @return [inputs, 1]
     */
    public INDArray inputDiagonal(WeightSharing sharing) {
        boolean expands = sharing == WeightSharing.EXPAND;
        int positions = Math.toIntExact(positions());
        double[][] diagonal = new double[Math.toIntExact(block.inputs())][1];
        double square = weightScale * weightScale / samples();
        for (int from = 0; from < words.length; from += positions) {
            Map<Integer, Integer> counts = new HashMap<>();
            for (int i = from; i < from + positions; i++) {
                counts.merge(words[i], 1, Integer::sum);
            }
            counts.forEach((word, count) ->
                    diagonal[word][0] += square * (expands ? count : (double) count * count / positions / positions));
        }
        if (block.hasBias()) {
            diagonal[diagonal.length - 1][0] = biasScale * biasScale * (expands ? positions : 1);
        }
        return Nd4j.createFromArray(diagonal).castTo(cotangents.dataType());
    }

    /** The diagonal as a matrix, for small vocabularies. */
    @Override
    public INDArray inputFactor(WeightSharing sharing, long from, long to) {
        INDArray diagonal = inputDiagonal(sharing).get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
        return Nd4j.diag(diagonal.dup('c').reshape('c', new long[] {to - from}));
    }

    @Override
    public INDArray outputFactor(WeightSharing sharing) {
        INDArray deltas = sharing == WeightSharing.EXPAND ? cotangents : cotangents.sum(2);
        INDArray stacked = deltas.dup('c').reshape('c', deltas.length() / block.units(), block.units());
        double terms = sharing == WeightSharing.EXPAND ? (double) words.length : samples();
        return Products.transposedTimes(stacked, stacked).divi(terms);
    }

    /**
     * {@inheritDoc}
     *
     * @param inputBases empty: unit vectors are the eigenvectors of a diagonal A
     */
    @Override
    public INDArray secondMoments(List<INDArray> inputBases, INDArray outputBasis) {
        if (!inputBases.isEmpty()) {
            throw new IllegalArgumentException("Layer " + block.name()
                    + ": the eigenvectors of an embedding's words are unit vectors, none is to be given");
        }
        Entries e = entries();
        long rows = e.sums.length() / block.units();
        INDArray turned = Products.times(e.sums.reshape('c', rows, block.units()), outputBasis);
        INDArray squares = turned.muli(turned)
                .dup('c')
                .reshape('c', e.words.length, count(), block.units())
                .sum(1);
        return Scatter.add(squares, e.words, block.inputs()).divi(samples());
    }
}
