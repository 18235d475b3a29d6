package io.github.dl4jngd.testing;

import io.github.dl4jngd.testing.ImageNetworks.Build;
import io.github.dl4jngd.testing.ImageNetworks.Case;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Small seeded networks over words, some of which repeat within a sample. */
final class EmbeddingNetworks {

    private static final int FEW_WORDS = 7;
    /** More than a minibatch has rows. */
    private static final int MANY_WORDS = 60;

    private static final int LENGTH = 6;

    private EmbeddingNetworks() {}

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int words : new int[] {FEW_WORDS, MANY_WORDS}) {
            for (boolean bias : new boolean[] {false, true}) {
                String setting = " of " + words + " words" + (bias ? " with a bias" : "");
                cases.add(of(
                        "embedding" + setting,
                        words,
                        1,
                        embedding(words, bias),
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build()));
                cases.add(of(
                        "embedding of sequences" + setting,
                        words,
                        LENGTH,
                        sequences(words, bias),
                        new GlobalPoolingLayer.Builder(PoolingType.AVG).build()));
            }
        }
        cases.add(of(
                "embedding of sequences below a convolution and a maximum",
                MANY_WORDS,
                LENGTH,
                sequences(MANY_WORDS, false),
                new Convolution1DLayer.Builder(3)
                        .nIn(4)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build(),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).build()));
        cases.add(of(
                "embedding below a batch normalisation",
                FEW_WORDS,
                1,
                embedding(FEW_WORDS, true),
                new BatchNormalization.Builder().nIn(4).nOut(4).build()));
        cases.add(of(
                "embedding of sequences below a batch normalisation",
                MANY_WORDS,
                LENGTH,
                sequences(MANY_WORDS, true),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
                new BatchNormalization.Builder().nIn(4).nOut(4).build()));
        cases.add(onTimeSteps());
        return cases;
    }

    private static Layer embedding(int words, boolean bias) {
        return new EmbeddingLayer.Builder()
                .nIn(words)
                .nOut(4)
                .hasBias(bias)
                .activation(Activation.TANH)
                .build();
    }

    private static Layer sequences(int words, boolean bias) {
        return new EmbeddingSequenceLayer.Builder()
                .nIn(words)
                .nOut(4)
                .inputLength(LENGTH)
                .inferInputLength(false)
                .hasBias(bias)
                .activation(Activation.TANH)
                .build();
    }

    private static Case of(String name, int words, int length, Layer... layers) {
        Build build = dataType -> {
            NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .dataType(dataType)
                    .updater(new Sgd(0.1))
                    .list();
            for (Layer layer : layers) {
                list.layer(layer.clone());
            }
            return new MultiLayerNetwork(
                    list.layer(ImageNetworks.softmax().nIn(4).build()).build());
        };
        return new Case(name, build, List.of((long) length), 5, 3, true, DataType.DOUBLE).withWords(words);
    }

    /** One word at every time step, between DL4J's preprocessors. */
    private static Case onTimeSteps() {
        Build build = dataType -> new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(dataType)
                .updater(new Sgd(0.1))
                .list()
                .layer(embedding(MANY_WORDS, false))
                .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                .layer(ImageNetworks.softmax().nIn(4).build())
                .setInputType(InputType.recurrent(MANY_WORDS, LENGTH))
                .build());
        return new Case("embedding on time steps", build, List.of(1L, (long) LENGTH), 5, 3, true, DataType.DOUBLE)
                .withWords(MANY_WORDS);
    }
}
