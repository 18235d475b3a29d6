package io.github.dl4jngd.spectral;

import io.github.dl4jngd.fisher.curvature.FisherOperator;
import io.github.dl4jngd.fisher.curvature.FisherRoot;
import io.github.dl4jngd.fisher.internal.Scratch;
import io.github.dl4jngd.fisher.jacobian.Jacobian;
import io.github.dl4jngd.fisher.jacobian.LayerJacobian;
import io.github.dl4jngd.fisher.jacobian.ParameterBlock;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.linalg.SymmetricOperator;
import io.github.dl4jngd.fisher.loss.FisherType;
import io.github.dl4jngd.fisher.loss.LossModel;
import io.github.dl4jngd.fisher.loss.OutputMetric;
import io.github.dl4jngd.fisher.loss.OutputRoot;
import io.github.dl4jngd.fisher.network.EmpiricalKernel;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.RootOptions;
import io.github.dl4jngd.fisher.network.Targets;
import io.github.dl4jngd.spectral.estimate.FullSpectrum;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The Fisher information matrix F = (1/N) Σ_n J_nᵀ S_n S_nᵀ J_n of a network at given data, as an operator that never
 * forms it.
 *
 * <p>A product costs one jvp and one vjp a minibatch, and a forward pass where the linearisations are too large to
 * keep. Over several minibatches F is the mean weighted by their samples; with batch normalisation every minibatch has
 * its own statistics and F is the mean of the minibatches' matrices, not the matrix of all data at once.
 *
 * <p>Parameters are copied when the object is built, unless told otherwise, and not changed. Monte-Carlo labels are
 * drawn from its own seed.
 */
@SuppressWarnings("try") // scopes are resources that are never named
public final class FisherMatrix implements SymmetricOperator {

    private static final int DEFAULT_DRAWS = 1;
    private static final long DEFAULT_SEED = 1;
    /** How many numbers the columns of S may have where they are kept, as the dual needs them. */
    private static final long DUAL_ELEMENTS = 1L << 22;

    private static final long DEFAULT_CACHE_BYTES = 256L << 20;

    private final Settings settings;
    private final LinearizedNetwork network;
    private final INDArray parameters;
    private final List<Minibatch> data;
    private final List<ParameterBlock> blocks;
    private final long samples;
    private final List<Part> kept;
    private final boolean empirical;
    /** Whether the blocks are all of the network's: products are then zero elsewhere as they are. */
    private final boolean whole;

    /** What is the same for all minibatches. */
    private record Settings(
            FisherType type, MetricConvention convention, int draws, long seed, boolean centred, long cacheBytes) {}

    private FisherMatrix(Builder builder) {
        this.settings = new Settings(
                builder.type, builder.convention, builder.draws, builder.seed, builder.centred, builder.cacheBytes);
        this.network = builder.network;
        this.parameters = builder.parameters();
        this.data = List.copyOf(builder.data);
        this.blocks = builder.blocks();
        this.samples = data.stream().mapToLong(Minibatch::samples).sum();
        this.empirical = settings.type == FisherType.EMPIRICAL;
        this.whole = blocks.size() == network.blocks().size();
        this.kept = keep();
    }

    /** Takes other blocks of the same matrix, at the same linearisations. */
    private FisherMatrix(FisherMatrix whole, List<ParameterBlock> blocks) {
        this.settings = whole.settings;
        this.network = whole.network;
        this.parameters = whole.parameters;
        this.data = whole.data;
        this.blocks = blocks;
        this.samples = whole.samples;
        this.empirical = whole.empirical;
        this.whole = blocks.size() == network.blocks().size();
        this.kept = whole.kept;
    }

    /**
     * Gives one layer's diagonal block, which shares this matrix's linearisations.
     *
     * @param name the layer's name, as registrations and {@link LinearizedNetwork#trainableLayers()} give it
     * @return the block
     * @throws IllegalArgumentException if there is no trainable layer of that name
     */
    public FisherMatrix layer(String name) {
        return new FisherMatrix(this, blocks(network, name));
    }

    /**
     * Begins a matrix of a network.
     *
     * @param network the compiled network
     * @return a builder with the defaults: true Fisher, the loss's own H, the whole network
     */
    public static Builder of(LinearizedNetwork network) {
        return new Builder(network);
    }

    private static List<ParameterBlock> blocks(LinearizedNetwork network, String layer) {
        List<ParameterBlock> own = network.compiledLayers().stream()
                .filter(compiled -> compiled.layer().name().equals(layer))
                .flatMap(compiled -> compiled.blocks().stream())
                .map(LinearizedNetwork.CompiledBlock::block)
                .toList();
        if (own.isEmpty()) {
            throw new IllegalArgumentException("The network has no trainable layer named " + layer + "; it has "
                    + network.trainableLayers().stream()
                            .map(trainable -> trainable.name())
                            .toList());
        }
        return own;
    }

    /** Linearises at all minibatches, if that fits into memory; else gives an empty list. */
    private List<Part> keep() {
        List<Part> parts = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < data.size(); i++) {
            Part part = new Part(i);
            bytes += part.linearization.bytes();
            if (data.size() > 1 && bytes > settings.cacheBytes) {
                return List.of();
            }
            parts.add(part);
        }
        return parts;
    }

    /** The network, linearised at one minibatch. */
    private final class Part {
        private final Minibatch minibatch;
        private final Linearization linearization;
        private final Targets targets;
        private final OutputMetric metric;
        /** The columns of S, [K, N, C]; null where H is applied as such. */
        private final INDArray columns;

        Part(int index) {
            this.minibatch = data.get(index);
            List<INDArray> inputs = minibatch.inputs().stream()
                    .map(input -> input.castTo(dataType()))
                    .toList();
            this.linearization = network.masked(minibatch.layerMasks()).at(inputs, parameters);
            this.targets = targets(index);
            this.metric = lossModel().at(linearization.outputs());
            this.columns = settings.type == FisherType.TRUE ? null : columns(index);
        }

        /** What the outputs are compared with; null where that does not matter. */
        private Targets targets(int index) {
            List<INDArray> labels = minibatch.labels();
            boolean needed = empirical || !minibatch.masks().isEmpty();
            if (labels.isEmpty() && needed) {
                throw new IllegalArgumentException((empirical ? "The empirical Fisher" : "A mask")
                        + " needs labels; minibatch " + index + " has none");
            }
            return !labels.isEmpty() && (needed || network.lossModel().dependsOnLabels())
                    ? network.targets(
                            labels.stream().map(own -> own.castTo(dataType())).toList(), minibatch.masks())
                    : null;
        }

        private LossModel lossModel() {
            boolean identity = settings.convention == MetricConvention.IDENTITY;
            if (targets == null) {
                return identity ? LossModel.halfSquaredError() : network.lossModel();
            }
            return identity ? LossModel.halfSquaredError().forMinibatch(null, targets.weights()) : targets.loss();
        }

        private INDArray columns(int index) {
            return OutputRoot.of(
                            settings.type,
                            metric,
                            targets == null ? null : targets.labels(),
                            settings.draws,
                            new SplittableRandom(settings.seed + index))
                    .columns();
        }

        /** Multiplies a tangent of the outputs by S Sᵀ. */
        private INDArray metricTimes(INDArray tangent) {
            INDArray d = centred(tangent);
            INDArray result;
            if (columns == null) {
                result = metric.times(d);
            } else {
                INDArray products =
                        columns.mul(d.reshape('c', 1, d.size(0), d.size(1))).sum(true, 2);
                result = columns.mul(products).sum(0);
            }
            return centred(result);
        }

        private INDArray centred(INDArray outputs) {
            return settings.centred ? outputs.subRowVector(outputs.mean(0)) : outputs;
        }

        /** The columns of S, [K, N, C], whether or not H is applied as such. */
        private INDArray rootColumns() {
            return columns == null ? metric.rootColumns() : columns;
        }
    }

    /** The columns of J that belong to these blocks, at one minibatch. */
    private Jacobian jacobian(Part part) {
        return whole ? part.linearization : part.linearization.columns(blocks);
    }

    /** One minibatch's summand Jᵀ S Sᵀ J/N, with N the samples of all minibatches. */
    private FisherOperator summand(Part part) {
        return FisherOperator.weighted(
                jacobian(part), tangent -> part.metricTimes(tangent).div(samples));
    }

    /** X = JᵀS/√N at one minibatch: XᵀX = Sᵀ J Jᵀ S/N, [N K, N K], rows k-major. */
    private final class DualFisher implements SymmetricOperator.Dual {

        private final Part part;
        private final EmpiricalKernel kernel;
        /** The columns of S, [K, N, C]. */
        private final INDArray columns;

        DualFisher(Part part, INDArray columns) {
            this.part = part;
            this.columns = columns;
            this.kernel = part.linearization.kernel(blocks);
        }

        @Override
        public long length() {
            return columns.size(0) * columns.size(1);
        }

        @Override
        public DataType dataType() {
            return FisherMatrix.this.dataType();
        }

        @Override
        public INDArray times(INDArray vector) {
            INDArray result = Nd4j.createUninitialized(dataType(), length());
            try (Scratch ignored = Scratch.open()) {
                result.assign(
                        rootTransposeTimes(kernel.times(rootTimes(vector))).divi(samples));
            }
            return result;
        }

        @Override
        public INDArray fromPrimal(INDArray primal) {
            return rootTransposeTimes(jacobian(part).jvp(primal)).divi(Math.sqrt((double) samples));
        }

        @Override
        public INDArray toPrimal(INDArray vector) {
            return jacobian(part).vjp(rootTimes(vector)).divi(Math.sqrt((double) samples));
        }

        /** S w, [N, C]. */
        private INDArray rootTimes(INDArray vector) {
            INDArray w = vector.reshape('c', columns.size(0), columns.size(1), 1);
            return part.centred(columns.mul(w).sum(0));
        }

        /** Sᵀ d, [N K]. */
        private INDArray rootTransposeTimes(INDArray tangent) {
            INDArray d = part.centred(tangent);
            return columns.mul(d.reshape('c', 1, d.size(0), d.size(1))).sum(2).reshape('c', new long[] {length()});
        }
    }

    /** At one minibatch, where it is smaller than the matrix and the columns of S are not too many. */
    @Override
    public Optional<Dual> dual() {
        if (data.size() != 1) {
            return Optional.empty();
        }
        Part part = part(0);
        INDArray outputs = part.linearization.outputs();
        long rows = outputs.size(0) * (part.columns == null ? outputs.size(1) : part.columns.size(0));
        return rows < dimension() && rows * outputs.size(1) <= DUAL_ELEMENTS
                ? Optional.of(new DualFisher(part, part.rootColumns()))
                : Optional.empty();
    }

    private Part part(int index) {
        return kept.isEmpty() ? new Part(index) : kept.get(index);
    }

    @Override
    public long length() {
        return parameters.length();
    }

    @Override
    public long dimension() {
        return blocks.stream().mapToLong(ParameterBlock::parameters).sum();
    }

    @Override
    public DataType dataType() {
        return parameters.dataType();
    }

    @Override
    public INDArray times(INDArray vector) {
        INDArray result = Nd4j.createUninitialized(dataType(), length());
        times(vector, result);
        return result;
    }

    @Override
    public void times(INDArray vector, INDArray result) {
        for (int i = 0; i < data.size(); i++) {
            try (Scratch ignored = Scratch.open()) {
                if (i == 0) {
                    summand(part(i)).times(vector, result);
                } else {
                    result.addi(summand(part(i)).times(vector));
                }
            }
        }
    }

    @Override
    public INDArray project(INDArray vector) {
        if (dimension() == length()) {
            return vector;
        }
        INDArray projected = Nd4j.create(vector.dataType(), vector.length());
        for (ParameterBlock block : blocks) {
            block.write(block.read(vector), projected);
        }
        return projected;
    }

    /**
     * The trace, exactly: (1/N) Σ ‖row of SᵀJ‖². Costs one backward pass for each column of S, and one for each sample
     * too where batch statistics couple them.
     *
     * @return tr F
     */
    public double trace() {
        double sum = 0;
        for (int i = 0; i < data.size(); i++) {
            try (Scratch ignored = Scratch.open()) {
                Part part = part(i);
                INDArray columns = part.rootColumns();
                for (long k = 0; k < columns.size(0); k++) {
                    sum += squaredNorm(
                            part,
                            columns.get(NDArrayIndex.interval(k, k + 1), NDArrayIndex.all(), NDArrayIndex.all())
                                    .dup('c'));
                }
            }
        }
        return sum / samples;
    }

    /** Sums the squares of the rows that belong to one column of S, [1, N, C]. */
    private double squaredNorm(Part part, INDArray column) {
        try (Scratch ignored = Scratch.open()) {
            double sum = 0;
            for (LayerJacobian layer : rows(part, column)) {
                sum += layer.squaredNorm();
            }
            if (settings.centred) {
                // each row less the mean of the rows of its column
                INDArray mean = project(part.linearization.vjp(column.reshape(column.size(1), column.size(2))));
                double norm = mean.norm2Number().doubleValue();
                sum -= norm * norm / part.minibatch.samples();
            }
            return sum;
        }
    }

    private List<LayerJacobian> rows(Part part, INDArray columns) {
        OutputRoot root = new OutputRoot(columns, null, OutputRoot.Rows.EACH_SAMPLE);
        FisherRoot rows = part.linearization.fisherRoot(root, RootOptions.factored(Parameterization.standard()));
        return rows.layers().stream()
                .filter(layer -> blocks.stream().anyMatch(block -> block.name().equals(layer.name())))
                .toList();
    }

    /**
     * The dual matrix Θ = SᵀJ (SᵀJ)ᵀ/N, which has the same non-zero eigenvalues, in float64. Memory 8 (NK)² bytes.
     *
     * @return Θ, [NK, NK], rows k-major
     * @throws IllegalStateException if the data are several minibatches
     */
    public INDArray gram() {
        if (data.size() != 1) {
            throw new IllegalStateException(
                    "The dual matrix is taken at one minibatch, the data are " + data.size() + "; merge them into one");
        }
        Part part = part(0);
        INDArray columns = part.rootColumns();
        INDArray gram = null;
        for (LayerJacobian layer : rows(part, columns)) {
            INDArray own = layer.gram(DataType.DOUBLE);
            gram = gram == null ? own : gram.addi(own);
        }
        if (settings.centred) {
            gram = centredGram(gram, columns.size(0), columns.size(1));
        }
        return gram.divi(samples);
    }

    /**
     * All eigenvalues that can differ from zero, from the dual matrix. Costs 9 (NK)³ flops in float64 and 24 (NK)²
     * bytes.
     *
     * @return min(P, NK) eigenvalues
     * @throws IllegalStateException if the data are several minibatches
     */
    public FullSpectrum fullSpectrum() {
        return FullSpectrum.ofDual(gram(), dimension());
    }

    /** NK, where the dual matrix takes one backward pass a column of S; elsewhere more than any limit. */
    long dualSize() {
        if (data.size() != 1 || couplesSamples()) {
            return Long.MAX_VALUE;
        }
        return samples
                * switch (settings.type) {
                    case TRUE -> part(0).linearization.outputs().size(1);
                    case MONTE_CARLO -> settings.draws;
                    case EMPIRICAL -> 1;
                };
    }

    /** Whether batch statistics make a sample's outputs depend on the others. */
    boolean couplesSamples() {
        return network.couplesSamples();
    }

    /** The names of the layers that the matrix is of, input first. */
    List<String> layers() {
        return network.trainableLayers().stream()
                .map(LayerDescription::name)
                .filter(name -> blocks.containsAll(blocks(network, name)))
                .toList();
    }

    /** Gives (I ⊗ P) Θ (I ⊗ P) with P = I − 11ᵀ/N: each row less the mean of the rows of its column of S. */
    private static INDArray centredGram(INDArray gram, long count, long samples) {
        INDArray blocks = gram.dup('c').reshape('c', count, samples, count, samples);
        blocks.subi(blocks.mean(true, 1));
        blocks.subi(blocks.mean(true, 3));
        return blocks.reshape('c', count * samples, count * samples);
    }

    /**
     * Says what the numbers are of.
     *
     * @return which Fisher, which H, how many samples, and how batch statistics enter
     */
    public String description() {
        StringBuilder text = new StringBuilder();
        text.append(settings.type)
                .append(", ")
                .append(settings.convention)
                .append(", ")
                .append(samples)
                .append(" samples");
        if (settings.centred) {
            text.append(", outputs less their batch mean");
        }
        if (network.couplesSamples() && data.size() > 1) {
            text.append(", batch statistics of each of ").append(data.size()).append(" minibatches");
        }
        return text.toString();
    }

    /** Builds a {@link FisherMatrix}. */
    public static final class Builder {

        private final LinearizedNetwork network;
        private List<Minibatch> data = List.of();
        private FisherType type = FisherType.TRUE;
        private MetricConvention convention = MetricConvention.LOSS;
        private int draws = DEFAULT_DRAWS;
        private long seed = DEFAULT_SEED;
        private boolean centred;
        private long cacheBytes = DEFAULT_CACHE_BYTES;
        private boolean live;
        /** Null for the network's own. */
        private INDArray parameters;

        private String layer;

        private Builder(LinearizedNetwork network) {
            this.network = Objects.requireNonNull(network, "network");
        }

        /**
         * Gives the data, in minibatches.
         *
         * @param minibatches at least one
         * @return this builder
         */
        public Builder data(List<Minibatch> minibatches) {
            this.data = List.copyOf(Objects.requireNonNull(minibatches, "minibatches"));
            return this;
        }

        /**
         * Gives inputs of a network with one input, which are enough for all but the empirical Fisher.
         *
         * @param input first axis N
         * @return this builder
         */
        public Builder data(INDArray input) {
            return data(List.of(new Minibatch(List.of(Objects.requireNonNull(input, "input")), null)));
        }

        /**
         * Says which Fisher it is; the true one by default.
         *
         * @param fisherType the type
         * @return this builder
         */
        public Builder type(FisherType fisherType) {
            this.type = Objects.requireNonNull(fisherType, "type");
            return this;
        }

        /**
         * Says which output metric it has; the loss's own by default.
         *
         * @param metricConvention the convention
         * @return this builder
         */
        public Builder convention(MetricConvention metricConvention) {
            this.convention = Objects.requireNonNull(metricConvention, "convention");
            return this;
        }

        /**
         * Makes it a Monte-Carlo Fisher, with so many draws from a seed.
         *
         * @param count at least one
         * @param drawSeed the seed
         * @return this builder
         */
        public Builder monteCarlo(int count, long drawSeed) {
            if (count < 1) {
                throw new IllegalArgumentException("A Monte-Carlo Fisher needs at least one draw, got " + count);
            }
            this.type = FisherType.MONTE_CARLO;
            this.draws = count;
            this.seed = drawSeed;
            return this;
        }

        /**
         * Takes one layer's diagonal block instead of the whole network.
         *
         * @param name the layer's name, as registrations and {@link LinearizedNetwork#trainableLayers()} give it
         * @return this builder
         */
        public Builder layer(String name) {
            this.layer = Objects.requireNonNull(name, "layer");
            return this;
        }

        /**
         * Takes the network whose last layer subtracts the minibatch's mean from each output, the mean subtraction of
         * batch normalisation (Karakida, Akaho &amp; Amari, NeurIPS 2019). Needs {@link MetricConvention#IDENTITY}.
         *
         * @param subtract whether to subtract
         * @return this builder
         */
        public Builder meanSubtracted(boolean subtract) {
            this.centred = subtract;
            return this;
        }

        /**
         * Says how many bytes of linearisations may be kept for the next product where there are several minibatches;
         * 256 MB by default.
         *
         * @param bytes zero for none
         * @return this builder
         */
        public Builder cache(long bytes) {
            this.cacheBytes = bytes;
            return this;
        }

        /**
         * Leaves the parameters where they are, for a matrix that is done with before the network's next step: the copy
         * costs as much as a product with a small matrix.
         *
         * @return this builder
         */
        public Builder live() {
            this.live = true;
            return this;
        }

        /**
         * Takes other parameters than the network's present ones, such as those before its last step.
         *
         * @param vector [P], the network's length and type; not copied
         * @return this builder
         */
        public Builder at(INDArray vector) {
            if (vector.length() != network.parameters().length()
                    || vector.dataType() != network.parameters().dataType()) {
                throw new IllegalArgumentException(
                        "The network has " + network.parameters().length() + " parameters of type "
                                + network.parameters().dataType() + ", these are " + vector.length() + " of type "
                                + vector.dataType());
            }
            this.parameters = vector;
            return this;
        }

        private INDArray parameters() {
            if (parameters != null) {
                return parameters;
            }
            return live ? network.parameters() : network.parameters().dup();
        }

        private List<ParameterBlock> blocks() {
            return layer == null ? network.blocks() : FisherMatrix.blocks(network, layer);
        }

        /**
         * Linearises the network at its present parameters.
         *
         * @return the matrix
         * @throws IllegalArgumentException if there is no data, the model is neither float32 nor float64, or options
         *     contradict each other
         */
        public FisherMatrix build() {
            DataType precision = network.parameters().dataType();
            if (precision != DataType.FLOAT && precision != DataType.DOUBLE) {
                throw new IllegalArgumentException("Spectra are read of float32 and float64 models, this one is "
                        + precision + "; convert it first");
            }
            if (data.isEmpty()) {
                throw new IllegalArgumentException("A Fisher information matrix needs data");
            }
            if (centred && (convention != MetricConvention.IDENTITY || type != FisherType.TRUE)) {
                throw new IllegalArgumentException(
                        "Mean subtraction is offered for the true Fisher with H = I (convention IDENTITY)");
            }
            return new FisherMatrix(this);
        }
    }
}
