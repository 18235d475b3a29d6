package io.github.dl4jngd.fisher.network;

import io.github.dl4jngd.fisher.operation.Operation;
import io.github.dl4jngd.fisher.operation.Operations;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;

/** How DL4J's normalisations over the minibatch and over channels are compiled. */
final class NormalizationRules {

    private NormalizationRules() {}

    static List<Operation> batchNormalization(LayerDescription layer) {
        BatchNormalization configuration = (BatchNormalization) layer.configuration();
        if (configuration.isLockGammaBeta() && configuration.getCnn2DFormat() == CNN2DFormat.NHWC) {
            throw layer.unsupported("locked γ and β in the format NHWC: DL4J's own layer fails on them; use NCHW");
        }
        if (configuration.isLockGammaBeta() && (configuration.getGamma() == 1) != (configuration.getBeta() == 0)) {
            throw layer.unsupported("locked γ = " + configuration.getGamma() + " and β = " + configuration.getBeta()
                    + ": DL4J's own layer applies either only where γ is not 1 and β not 0, and its gradient does not follow; set both or "
                    + "neither");
        }
        return Formats.inFormat(
                configuration.getCnn2DFormat(),
                Operations.batchNormalization(
                        layer.name(),
                        configuration.getNOut(),
                        new Operations.BatchScale(
                                layer.parameterOrNull(BatchNormalizationParamInitializer.GAMMA),
                                layer.parameterOrNull(BatchNormalizationParamInitializer.BETA),
                                configuration.getGamma(),
                                configuration.getBeta()),
                        new Operations.RunningStatistics(
                                layer.parameter(BatchNormalizationParamInitializer.GLOBAL_MEAN),
                                layer.parameterOrNull(BatchNormalizationParamInitializer.GLOBAL_VAR),
                                layer.parameterOrNull(BatchNormalizationParamInitializer.GLOBAL_LOG_STD),
                                // below a frozen layer DL4J's way back never comes, and they stay
                                layer.trainable() ? configuration.getDecay() : 1),
                        configuration.getEps(),
                        layer.statistics(),
                        layer.trainable()));
    }

    static List<Operation> localResponseNormalization(LayerDescription layer) {
        LocalResponseNormalization configuration = (LocalResponseNormalization) layer.configuration();
        return Formats.inFormat(
                configuration.getDataFormat(),
                Operations.localResponseNormalization(
                        (int) configuration.getN() / 2,
                        configuration.getK(),
                        configuration.getAlpha(),
                        configuration.getBeta()));
    }
}
