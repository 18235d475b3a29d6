package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.PReLUParamInitializer;

/** The registry of layer rules: the built-in ones, then those that users add through the service loader. */
final class LayerRules {

    private final Map<String, LayerRule> rules = new TreeMap<>();

    private LayerRules() {
        add(DenseLayer.class, layer -> {
            DenseLayer dense = (DenseLayer) layer.configuration();
            List<Operation> operations =
                    new ArrayList<>(dense.hasLayerNorm() ? normalized(layer) : List.of(affine(layer)));
            operations.addAll(Activations.operations(layer, dense.getActivationFn()));
            return operations;
        });
        add(OutputLayer.class, LayerRules::output);
        add(CenterLossOutputLayer.class, LayerRules::output);
        add(RnnOutputLayer.class, layer -> {
            LossHead head = LossHead.of(layer);
            List<Operation> operations = new ArrayList<>(head.affineOverTime());
            operations.addAll(head.below());
            return operations;
        });
        add(LossLayer.class, layer -> LossHead.of(layer).below());
        add(RnnLossLayer.class, layer -> LossHead.of(layer).below());
        add(CnnLossLayer.class, layer -> LossHead.of(layer).below());
        add(Cnn3DLossLayer.class, layer -> LossHead.of(layer).below());
        add(
                ActivationLayer.class,
                layer -> Activations.operations(layer, ((ActivationLayer) layer.configuration()).getActivationFn()));
        add(DropoutLayer.class, layer -> List.of());
        add(ConvolutionLayer.class, ConvolutionRules::convolution);
        add(Convolution2D.class, ConvolutionRules::convolution);
        add(DepthwiseConvolution2D.class, ConvolutionRules::depthwiseConvolution);
        add(SeparableConvolution2D.class, ConvolutionRules::separableConvolution);
        add(Deconvolution2D.class, ConvolutionRules::transposedConvolution);
        add(LocalResponseNormalization.class, NormalizationRules::localResponseNormalization);
        add(SubsamplingLayer.class, PoolingRules::subsampling);
        add(Pooling2D.class, PoolingRules::subsampling);
        add(Convolution1DLayer.class, ConvolutionRules::convolution1D);
        add(Convolution1D.class, ConvolutionRules::convolution1D);
        add(Subsampling1DLayer.class, PoolingRules::subsampling1D);
        add(Pooling1D.class, PoolingRules::subsampling1D);
        add(ZeroPaddingLayer.class, MarginRules::zeroPadding);
        add(ZeroPadding1DLayer.class, MarginRules::zeroPadding1D);
        add(Cropping2D.class, MarginRules::cropping);
        add(Cropping1D.class, MarginRules::cropping1D);
        add(Upsampling2D.class, MarginRules::upsampling);
        add(Upsampling1D.class, MarginRules::upsampling1D);
        add(SpaceToDepthLayer.class, MarginRules::spaceToDepth);
        add(
                PReLULayer.class,
                layer -> List.of(Operations.parametricRelu(
                        layer.name(), layer.parameter(PReLUParamInitializer.WEIGHT_KEY), layer.trainable())));
        add(Convolution3D.class, VolumeRules::convolution);
        add(Subsampling3DLayer.class, VolumeRules::subsampling);
        add(Upsampling3D.class, VolumeRules::upsampling);
        add(ZeroPadding3DLayer.class, VolumeRules::zeroPadding);
        add(Cropping3D.class, VolumeRules::cropping);
        add(RepeatVector.class, MarginRules::repeatVector);
        add(EmbeddingLayer.class, EmbeddingRules::embedding);
        add(EmbeddingSequenceLayer.class, EmbeddingRules::embeddingSequence);
        add(GlobalPoolingLayer.class, PoolingRules::globalPooling);
        add(BatchNormalization.class, NormalizationRules::batchNormalization);
        for (LayerRule rule : ServiceLoader.load(LayerRule.class)) {
            rules.putIfAbsent(rule.layerClass().getName(), rule);
        }
    }

    static LayerRules load() {
        return new LayerRules();
    }

    private void add(Class<? extends Layer> layerClass, Function<LayerDescription, List<Operation>> compile) {
        rules.put(layerClass.getName(), new LayerRule() {
            @Override
            public Class<? extends Layer> layerClass() {
                return layerClass;
            }

            @Override
            public List<Operation> compile(LayerDescription layer) {
                return compile.apply(layer);
            }
        });
    }

    List<Operation> compile(LayerDescription layer) {
        LayerRule rule = rules.get(layer.configuration().getClass().getName());
        if (rule == null) {
            throw layer.unsupported(layer.configuration().getClass().getSimpleName() + " has no rule. "
                    + Advice.of(layer.configuration().getClass()) + "Supported are: "
                    + String.join(
                            ", ",
                            rules.values().stream()
                                    .map(r -> r.layerClass().getSimpleName())
                                    .toList())
                    + ". A rule for another layer can be added as a " + LayerRule.class.getName() + " service.");
        }
        return rule.compile(layer);
    }

    private static List<Operation> output(LayerDescription layer) {
        List<Operation> operations = new ArrayList<>();
        operations.add(affine(layer));
        operations.addAll(LossHead.of(layer).below());
        return operations;
    }

    /** The bias comes after the normalisation. */
    private static List<Operation> normalized(LayerDescription layer) {
        return List.of(
                Operations.dense(
                        layer.name(), layer.parameter(DefaultParamInitializer.WEIGHT_KEY), null, layer.trainable()),
                Operations.layerNormalization(
                        layer.name() + " gain",
                        layer.parameter(DefaultParamInitializer.GAIN_KEY),
                        layer.parameterOrNull(DefaultParamInitializer.BIAS_KEY),
                        layer.trainable()));
    }

    private static Operation affine(LayerDescription layer) {
        return Operations.dense(
                layer.name(),
                layer.parameter(DefaultParamInitializer.WEIGHT_KEY),
                layer.parameterOrNull(DefaultParamInitializer.BIAS_KEY),
                layer.trainable());
    }
}
