package io.github.dl4jngd.fisher.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What to do about DL4J's own layers that no rule covers, by the name of their class. */
final class Advice {

    private static final Map<String, String> BY_CLASS = new HashMap<>();

    static {
        say(
                "its derivative goes through all time steps; freeze it (FrozenLayer, or TransferLearning's "
                        + "setFeatureExtractor) to train what is above it, or use convolutions of sequences (Convolution1DLayer)",
                "LSTM",
                "GravesLSTM",
                "GravesBidirectionalLSTM",
                "SimpleRnn",
                "Bidirectional",
                "LastTimeStep",
                "RecurrentAttentionLayer");
        say(
                "use convolutions of sequences (Convolution1DLayer), or train this model without a natural gradient",
                "SelfAttentionLayer",
                "LearnedSelfAttentionLayer");
        say(
                "its loss is that of no probability model of the outputs; train this model without a natural gradient",
                "Yolo2OutputLayer",
                "OCNNOutputLayer");
        say(
                "it is pre-trained layer by layer; for supervised training put a DenseLayer with its weights in its place",
                "AutoEncoder",
                "VariationalAutoencoder");
        say(
                "Deeplearning4j's own backward pass gives twice its gradient and that of everything below, as through all "
                        + "of its SameDiff layers; use ConvolutionLayer or Convolution1DLayer, or freeze it",
                "LocallyConnected1D",
                "LocallyConnected2D");
        say("use Upsampling3D and Convolution3D", "Deconvolution3D");
        say(
                "it makes several samples of one; use SpaceToDepthLayer, which makes channels of the blocks",
                "SpaceToBatchLayer");
        say("use DenseLayer, or a BatchNormalization with its γ and β", "ElementWiseMultiplicationLayer");
        say("use ConvolutionLayer and DenseLayer", "CapsuleLayer", "CapsuleStrengthLayer", "PrimaryCapsules");
    }

    private Advice() {}

    private static void say(String advice, String... classes) {
        List.of(classes).forEach(name -> BY_CLASS.put(name, advice));
    }

    /** A sentence and a space; empty for a class that is not DL4J's. */
    static String of(Class<?> layer) {
        String advice = layer.getName().startsWith("org.deeplearning4j.") ? BY_CLASS.get(layer.getSimpleName()) : null;
        return advice == null ? "" : "What to do: " + advice + ". ";
    }
}
