package io.github.dl4jngd.ngd;

import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** DL4J's two classes of models. Layers have the same names in both, their places in the chain. */
enum ModelClass {
    MULTI_LAYER_NETWORK {
        @Override
        MultiLayerNetwork model(Setting setting, DataType type) {
            NeuralNetConfiguration.ListBuilder chain =
                    ModelClass.options(setting, type).list(setting.layers.get().toArray(Layer[]::new));
            chain.backpropType(setting.backpropType);
            if (setting.input != null) {
                chain.setInputType(setting.input);
            }
            MultiLayerNetwork network = new MultiLayerNetwork(chain.build());
            network.init();
            return setting.transfer == null
                    ? network
                    : setting.transfer
                            .apply(new TransferLearning.Builder(network))
                            .build();
        }

        @Override
        NaturalGradient attach(Model model, NaturalGradientConfiguration configuration) {
            return NaturalGradient.attach((MultiLayerNetwork) model, configuration);
        }

        @Override
        void regularize(Model model, RegularizationRule rule) {
            GradientRegularization.attach((MultiLayerNetwork) model, rule);
        }

        @Override
        Object updater(Model model) {
            return ((MultiLayerNetwork) model).getUpdater();
        }
    },

    COMPUTATION_GRAPH {
        @Override
        ComputationGraph model(Setting setting, DataType type) {
            GraphBuilder chain = ModelClass.options(setting, type)
                    .graphBuilder()
                    .addInputs("in")
                    .backpropType(setting.backpropType);
            List<Layer> layers = setting.layers.get();
            for (int l = 0; l < layers.size(); l++) {
                chain.addLayer(String.valueOf(l), layers.get(l), l == 0 ? "in" : String.valueOf(l - 1));
            }
            chain.setOutputs(String.valueOf(layers.size() - 1));
            if (setting.input != null) {
                chain.setInputTypes(setting.input);
            }
            ComputationGraph graph = new ComputationGraph(chain.build());
            graph.init();
            // the transferred graph is of float32 whatever the graph was
            return setting.graphTransfer == null
                    ? graph
                    : setting.graphTransfer
                            .apply(new TransferLearning.GraphBuilder(graph))
                            .build()
                            .convertDataType(type);
        }

        @Override
        NaturalGradient attach(Model model, NaturalGradientConfiguration configuration) {
            return NaturalGradient.attach((ComputationGraph) model, configuration);
        }

        @Override
        void regularize(Model model, RegularizationRule rule) {
            GradientRegularization.attach((ComputationGraph) model, rule);
        }

        @Override
        Object updater(Model model) {
            return ((ComputationGraph) model).getUpdater();
        }
    };

    /** The setting's model, initialised. */
    abstract Model model(Setting setting, DataType type);

    abstract NaturalGradient attach(Model model, NaturalGradientConfiguration configuration);

    abstract void regularize(Model model, RegularizationRule rule);

    abstract Object updater(Model model);

    private static NeuralNetConfiguration.Builder options(Setting setting, DataType type) {
        NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder()
                .seed(17)
                .dataType(type)
                .updater(new Sgd(0.4))
                .biasInit(0.1)
                .weightInit(WeightInit.XAVIER);
        setting.options.accept(builder);
        return builder;
    }
}
