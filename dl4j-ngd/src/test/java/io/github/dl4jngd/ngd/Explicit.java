package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.LiveModel;
import io.github.dl4jngd.fisher.jacobian.Parameterization;
import io.github.dl4jngd.fisher.network.LayerDescription;
import io.github.dl4jngd.fisher.network.Linearization;
import io.github.dl4jngd.fisher.network.LinearizedNetwork;
import io.github.dl4jngd.fisher.network.Noise;
import io.github.dl4jngd.fisher.operation.ParameterSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ejml.simple.SimpleEVD;
import org.ejml.simple.SimpleMatrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Every matrix of a small network at one minibatch, explicitly and in float64: the Jacobian row by row from vjp,
 * residual and metric from their formulas, layer inputs from DL4J's own layers, solutions by EJML. Matrices are
 * in the coordinates of the parameterisation (ω), directions and gradients handed out in those of the parameters (θ).
 */
final class Explicit {

    final int samples;
    final int outputs;
    /** Columns scaled by √s. */
    final SimpleMatrix jacobian;
    /** F, scaled. */
    final SimpleMatrix fisher;
    /** ∂(mean loss)/∂ω. */
    final SimpleMatrix gradient;

    final SimpleMatrix rootScales;

    private final LinearizedNetwork network;
    private final List<SimpleMatrix> metrics = new ArrayList<>();
    private final List<INDArray> activations;
    private final boolean softmax;
    private final Parameterization scaling;

    Explicit(MultiLayerNetwork model, INDArray x, INDArray y, LossFunction loss) {
        this(model, x, y, loss, Parameterization.standard());
    }

    Explicit(MultiLayerNetwork live, INDArray x, INDArray y, LossFunction loss, Parameterization scaling) {
        this(live, new DataSet(x, y), loss, scaling, new double[0], Noise.NONE);
    }

    /**
     * With masks, weights of classes, and what dropout and weight noise drew.
     *
     * @param batch x, y, a mask of the features or null, one of the labels with one number a sample or null
     * @param classWeights none for ones
     */
    Explicit(
            MultiLayerNetwork live,
            DataSet batch,
            LossFunction loss,
            Parameterization scaling,
            double[] classWeights,
            Noise noise) {
        MultiLayerNetwork model = live.clone();
        INDArray x = batch.getFeatures();
        INDArray y = batch.getLabels();
        this.scaling = scaling;
        model.setLayerMaskArrays(batch.getFeaturesMaskArray(), batch.getLabelsMaskArray());
        network = LinearizedNetwork.of(model)
                .with(noise)
                .masked(LiveModel.of(model).layerMasks());
        INDArray input = x.castTo(network.parameters().dataType());
        Linearization at = network.at(input);
        samples = at.samples();
        outputs = Math.toIntExact(network.outputs());
        softmax = loss == LossFunction.MCXENT || loss == LossFunction.NEGATIVELOGLIKELIHOOD;
        activations = layerInputs(model, input, noise);
        int p = Math.toIntExact(at.parameters());
        rootScales = column(network.scale(Nd4j.ones(input.dataType(), p), scaling));
        jacobian = new SimpleMatrix(samples * outputs, p);
        for (int i = 0; i < samples * outputs; i++) {
            INDArray basis = Nd4j.zeros(input.dataType(), samples, outputs);
            basis.putScalar(i / outputs, i % outputs, 1);
            jacobian.insertIntoThis(
                    i, 0, column(at.vjp(basis)).elementMult(rootScales).transpose());
        }
        SimpleMatrix residual = new SimpleMatrix(samples * outputs, 1);
        SimpleMatrix weighted = new SimpleMatrix(samples * outputs, p);
        for (int n = 0; n < samples; n++) {
            double[] f = at.outputs().getRow(n).castTo(DataType.DOUBLE).toDoubleVector();
            double[] labels = y.getRow(n).castTo(DataType.DOUBLE).toDoubleVector();
            double weight = weight(batch, n, labels, classWeights);
            SimpleMatrix h = metric(loss, f).scale(weight);
            metrics.add(h);
            residual.insertIntoThis(n * outputs, 0, residual(loss, f, labels).scale(weight));
            weighted.insertIntoThis(n * outputs, 0, h.mult(rows(n)));
        }
        fisher = jacobian.transpose().mult(weighted).divide(samples);
        gradient = jacobian.transpose().mult(residual).divide(samples);
    }

    /** What DL4J's layers get, one after the other, when noise is what it was. */
    private static List<INDArray> layerInputs(MultiLayerNetwork model, INDArray x, Noise noise) {
        List<INDArray> inputs = new ArrayList<>();
        INDArray value = x;
        for (int l = 0; l < model.getnLayers(); l++) {
            if (model.getLayerWiseConfigurations().getInputPreProcess(l) != null) {
                value = model.getLayerWiseConfigurations()
                        .getInputPreProcess(l)
                        .preProcess(value.dup(), samples(x), LayerWorkspaceMgr.noWorkspaces());
            }
            Noise.Affine drawn = noise.inputs().get(String.valueOf(l));
            if (drawn != null) {
                value = value.mul(drawn.factor().reshape(value.shape()));
                value = drawn.offset() == null
                        ? value
                        : value.add(drawn.offset().reshape(value.shape()));
            }
            noise.weights()
                    .getOrDefault(String.valueOf(l), Map.of())
                    .forEach(model.getLayer(l).paramTable(false)::put);
            inputs.add(value);
            value = model.getLayer(l).activate(value.dup(), false, LayerWorkspaceMgr.noWorkspaces());
        }
        return inputs;
    }

    private static int samples(INDArray x) {
        return Math.toIntExact(x.size(0));
    }

    /** The weight of a sample with a one-hot label: the mask that the loss has, times that of its class. */
    private static double weight(DataSet batch, int sample, double[] label, double[] classWeights) {
        // DL4J hands a mask of the features on to the loss
        INDArray mask = batch.getLabelsMaskArray() == null ? batch.getFeaturesMaskArray() : batch.getLabelsMaskArray();
        double weight = mask == null ? 1 : mask.getDouble(sample);
        for (int k = 0; k < classWeights.length; k++) {
            weight *= label[k] == 1 ? classWeights[k] : 1;
        }
        return weight;
    }

    private SimpleMatrix rows(int sample) {
        return jacobian.rows(sample * outputs, (sample + 1) * outputs);
    }

    private static double[] probabilities(LossFunction loss, double[] f) {
        double[] p = new double[f.length];
        if (loss == LossFunction.XENT) {
            for (int k = 0; k < f.length; k++) {
                p[k] = 1 / (1 + Math.exp(-f[k]));
            }
            return p;
        }
        double sum = Arrays.stream(f).map(Math::exp).sum();
        for (int k = 0; k < f.length; k++) {
            p[k] = Math.exp(f[k]) / sum;
        }
        return p;
    }

    private static SimpleMatrix metric(LossFunction loss, double[] f) {
        int k = f.length;
        return switch (loss) {
            case L2 -> SimpleMatrix.identity(k).scale(2);
            case MSE -> SimpleMatrix.identity(k).scale(2.0 / k);
            case XENT, MCXENT, NEGATIVELOGLIKELIHOOD -> {
                SimpleMatrix p = new SimpleMatrix(probabilities(loss, f));
                SimpleMatrix outer = p.mult(p.transpose());
                yield loss == LossFunction.XENT
                        ? SimpleMatrix.diag(p.minus(outer.diag()).getDDRM().getData())
                        : SimpleMatrix.diag(p.getDDRM().getData()).minus(outer);
            }
            default -> throw new IllegalStateException(loss.toString());
        };
    }

    private static SimpleMatrix residual(LossFunction loss, double[] f, double[] y) {
        SimpleMatrix labels = new SimpleMatrix(y);
        return switch (loss) {
            case L2 -> new SimpleMatrix(f).minus(labels).scale(2);
            case MSE -> new SimpleMatrix(f).minus(labels).scale(2.0 / f.length);
            default -> new SimpleMatrix(probabilities(loss, f)).minus(labels);
        };
    }

    /** One parameter's trainable layer, counted from 0 (−1 where it is frozen), and unit. */
    private record Place(int layer, int unit) {}

    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        int free = 0;
        for (LayerDescription layer : network.layers()) {
            for (ParameterSlice slice : layer.parameters()) {
                long in = slice.name().equals("b") ? 1 : slice.shape().get(0);
                for (long i = 0; i < slice.length(); i++) {
                    places.add(new Place(layer.trainable() ? free : -1, (int) (i / in)));
                }
            }
            if (layer.trainable() && !layer.parameters().isEmpty()) {
                free++;
            }
        }
        return places;
    }

    private SimpleMatrix masked(BiPredicate<Place, Place> together) {
        List<Place> places = places();
        SimpleMatrix masked = fisher.copy();
        for (int i = 0; i < places.size(); i++) {
            for (int j = 0; j < places.size(); j++) {
                if (!together.test(places.get(i), places.get(j))) {
                    masked.set(i, j, 0);
                }
            }
        }
        return masked;
    }

    /** F̂ of the methods that have one as a mask of F. */
    SimpleMatrix approximation(Method method) {
        return switch (method) {
            case EXACT -> fisher;
            case LAYER_WISE -> masked((a, b) -> a.layer() == b.layer());
            case BLOCK_TRI_DIAGONAL -> masked((a, b) -> Math.abs(a.layer() - b.layer()) <= 1);
            case UNIT_WISE -> masked(Place::equals);
            case KFAC -> throw new IllegalArgumentException("K-FAC's damping is per factor");
            case EKFAC -> corrected();
        };
    }

    /** Σ_l U diag(UᵀF_lU) Uᵀ with the eigenvectors U of layer l's factors. */
    private SimpleMatrix corrected() {
        SimpleMatrix matrix = new SimpleMatrix(fisher.getNumRows(), fisher.getNumCols());
        for (int l = 0; l < trainableLayers(); l++) {
            SimpleMatrix u = factors(l).eigenvectors();
            double[] s = u.transpose().mult(fisher).mult(u).diag().getDDRM().getData();
            matrix = matrix.plus(u.mult(SimpleMatrix.diag(s)).mult(u.transpose()));
        }
        return matrix;
    }

    /** v in θ for the minibatch's own gradient. */
    SimpleMatrix direction(Method method, double rho) {
        return direction(method, rho, gradient);
    }

    /** v in θ for any gradient in ω. */
    SimpleMatrix direction(Method method, double rho, SimpleMatrix right) {
        if (method != Method.KFAC) {
            SimpleMatrix matrix = approximation(method);
            return matrix.plus(SimpleMatrix.identity(matrix.getNumRows()).scale(rho))
                    .solve(right)
                    .elementMult(rootScales);
        }
        SimpleMatrix v = new SimpleMatrix(right.getNumRows(), 1);
        for (int l = 0; l < network.trainableLayers().size(); l++) {
            Factors factors = factors(l);
            factors.place(factors.solve(factors.segment(right), rho), v);
        }
        return v.elementMult(rootScales);
    }

    /** η* of a direction in θ. */
    double measuredStep(SimpleMatrix direction, double rho) {
        return slope(direction) / (curvature(direction) + rho * squaredNorm(direction));
    }

    /** ⟨g, v⟩ of a direction in θ. */
    double slope(SimpleMatrix direction) {
        return gradient.dot(direction.elementDiv(rootScales));
    }

    /** ‖v‖² of a direction in θ, in the norm of the parameterisation. */
    double squaredNorm(SimpleMatrix direction) {
        SimpleMatrix v = direction.elementDiv(rootScales);
        return v.dot(v);
    }

    /** ⟨d, Hd⟩/N of a change of parameters in θ. */
    double curvature(SimpleMatrix change) {
        SimpleMatrix v = change.elementDiv(rootScales);
        return v.dot(fisher.mult(v));
    }

    /**
     * α: the trace of the sum of the blocks' projectors over the rows of J̃, from numerical ranks of the explicit
     * matrices.
     */
    double isotropyConstant(Method method) {
        double rows = (double) samples * (softmax ? outputs - 1 : outputs);
        return switch (method) {
            case EXACT -> 1;
            case BLOCK_TRI_DIAGONAL -> Math.ceil(trainableLayers() / 3.0);
            case LAYER_WISE, UNIT_WISE -> rank(approximation(method)) / rows;
            case EKFAC -> throw new IllegalArgumentException("E-KFAC's constant is not known");
            case KFAC -> {
                double alpha = 0;
                for (int l = 0; l < trainableLayers(); l++) {
                    alpha += (double) rank(factors(l).inputFactor) * rank(factors(l).outputFactor) / rows;
                }
                yield alpha;
            }
        };
    }

    private static int rank(SimpleMatrix matrix) {
        double[] values = matrix.svd().getSingularValues();
        double largest = Arrays.stream(values).max().orElse(0);
        return (int)
                Arrays.stream(values).filter(value -> value > 1e-12 * largest).count();
    }

    Factors factors(int trainableLayer) {
        return new Factors(network.trainableLayers().get(trainableLayer));
    }

    int trainableLayers() {
        return network.trainableLayers().size();
    }

    /**
     * ã, δ and the Kronecker factors of one layer; δ is read off the Jacobian's rows, which are outer products of the
     * two.
     */
    final class Factors {
        final int inputs;
        final int outputs;
        private final int offset;
        private final boolean bias;
        private final SimpleMatrix augmented;
        private final List<SimpleMatrix> deltas = new ArrayList<>();
        final SimpleMatrix inputFactor;
        final SimpleMatrix outputFactor;

        Factors(LayerDescription layer) {
            FeedForwardLayer configuration = (FeedForwardLayer) layer.configuration();
            int in = Math.toIntExact(configuration.getNIn());
            outputs = Math.toIntExact(configuration.getNOut());
            bias = layer.parameters().size() > 1;
            inputs = in + (bias ? 1 : 0);
            offset = Math.toIntExact(layer.parameters().get(0).offset());
            double weightScale = Math.sqrt(scaling.weightScale(in));
            double biasScale = Math.sqrt(scaling.biasScale());
            SimpleMatrix a = new SimpleMatrix(activations
                    .get(Integer.parseInt(layer.key()))
                    .castTo(DataType.DOUBLE)
                    .reshape(samples, in)
                    .toDoubleMatrix());
            augmented = new SimpleMatrix(samples, inputs);
            augmented.insertIntoThis(0, 0, a.scale(weightScale));
            SimpleMatrix g = new SimpleMatrix(outputs, outputs);
            for (int n = 0; n < samples; n++) {
                if (bias) {
                    augmented.set(n, in, biasScale);
                }
                SimpleMatrix row = augmented.getRow(n).transpose();
                SimpleMatrix delta = new SimpleMatrix(Explicit.this.outputs, outputs);
                for (int k = 0; k < Explicit.this.outputs; k++) {
                    SimpleMatrix block = segment(
                            jacobian.getRow(n * Explicit.this.outputs + k).transpose());
                    delta.insertIntoThis(k, 0, row.transpose().mult(block).divide(row.dot(row)));
                }
                deltas.add(delta);
                g = g.plus(delta.transpose().mult(metrics.get(n)).mult(delta));
            }
            inputFactor = augmented.transpose().mult(augmented).divide(samples);
            outputFactor = g.divide(samples);
        }

        /** The layer's part of a flat vector as [in(+1), out]. */
        SimpleMatrix segment(SimpleMatrix flat) {
            int in = bias ? inputs - 1 : inputs;
            SimpleMatrix matrix = new SimpleMatrix(inputs, outputs);
            for (int u = 0; u < outputs; u++) {
                for (int i = 0; i < in; i++) {
                    matrix.set(i, u, flat.get(offset + u * in + i));
                }
                if (bias) {
                    matrix.set(in, u, flat.get(offset + in * outputs + u));
                }
            }
            return matrix;
        }

        void place(SimpleMatrix matrix, SimpleMatrix flat) {
            int in = bias ? inputs - 1 : inputs;
            for (int u = 0; u < outputs; u++) {
                for (int i = 0; i < in; i++) {
                    flat.set(offset + u * in + i, matrix.get(i, u));
                }
                if (bias) {
                    flat.set(offset + in * outputs + u, matrix.get(in, u));
                }
            }
        }

        /** U_G ⊗ U_A, columns in the order of flat vectors. */
        SimpleMatrix eigenvectors() {
            SimpleMatrix product = eigenvectors(outputFactor).kron(eigenvectors(inputFactor));
            SimpleMatrix flat = new SimpleMatrix(fisher.getNumRows(), product.getNumCols());
            for (int j = 0; j < product.getNumCols(); j++) {
                SimpleMatrix matrix = new SimpleMatrix(inputs, outputs);
                for (int i = 0; i < inputs * outputs; i++) {
                    matrix.set(i % inputs, i / inputs, product.get(i, j));
                }
                SimpleMatrix column = new SimpleMatrix(flat.getNumRows(), 1);
                place(matrix, column);
                flat.setColumn(j, column);
            }
            return flat;
        }

        private static SimpleMatrix eigenvectors(SimpleMatrix matrix) {
            SimpleEVD<SimpleMatrix> eigen =
                    matrix.plus(matrix.transpose()).divide(2).eig();
            SimpleMatrix vectors = new SimpleMatrix(matrix.getNumRows(), 0);
            for (int i = 0; i < eigen.getNumberOfEigenvalues(); i++) {
                vectors = vectors.combine(0, vectors.getNumCols(), eigen.getEigenVector(i));
            }
            return vectors;
        }

        SimpleMatrix solve(SimpleMatrix right, double rho) {
            return solve(inputFactor, outputFactor, right, rho);
        }

        /** (A + π√ρ I)⁻¹ M (G + √ρ/π I)⁻¹. */
        static SimpleMatrix solve(SimpleMatrix a, SimpleMatrix g, SimpleMatrix right, double rho) {
            return inverse(a, g, rho).mult(right).mult(inverse(g, a, rho));
        }

        /** (own + √(mean diagonal of own/mean diagonal of other) √ρ I)⁻¹. */
        static SimpleMatrix inverse(SimpleMatrix own, SimpleMatrix other, double rho) {
            double pi = Math.sqrt((own.trace() / own.getNumRows()) / (other.trace() / other.getNumRows()));
            return own.plus(SimpleMatrix.identity(own.getNumRows()).scale(pi * Math.sqrt(rho)))
                    .invert();
        }
    }

    static SimpleMatrix column(INDArray vector) {
        return new SimpleMatrix(
                vector.castTo(DataType.DOUBLE).reshape(vector.length()).toDoubleVector());
    }

    static INDArray array(SimpleMatrix column) {
        return Nd4j.createFromArray(column.getDDRM().getData().clone());
    }

    static double error(SimpleMatrix actual, SimpleMatrix expected) {
        return actual.minus(expected).normF() / expected.normF();
    }
}
