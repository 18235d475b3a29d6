package io.github.dl4jngd.ngd;

import static io.github.dl4jngd.ngd.Models.IN;
import static io.github.dl4jngd.ngd.Models.dense;
import static io.github.dl4jngd.ngd.Models.output;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Something that a user of DL4J may set, do or attach to a chain of layers: one row of the compatibility table. */
final class Setting {

    private final String name;
    Consumer<NeuralNetConfiguration.Builder> options = builder -> {};
    Supplier<List<Layer>> layers =
            () -> List.of(dense(IN, 5), dense(5, 4), output(4, LossFunction.MCXENT, Activation.SOFTMAX));
    /** Null where the layers' own sizes say it. */
    InputType input;

    BackpropType backpropType = BackpropType.Standard;
    /** Null where the model is trained as it was built. */
    UnaryOperator<TransferLearning.Builder> transfer;

    UnaryOperator<TransferLearning.GraphBuilder> graphTransfer;
    Supplier<List<TrainingListener>> listeners = List::of;
    Training training = Training.BATCH_BY_BATCH;
    UnaryOperator<DataSet> batch = UnaryOperator.identity();
    /** Whether training draws noise, so that DL4J's gradient is that of another network at every step. */
    boolean noisy;
    /** Of the loss; none for ones. */
    double[] classWeights = {};

    /** Whether the layers have none of the factors that the twin's K-FAC is made of. */
    boolean exactAlone;

    /** Whether training ends where it ends without this setting. */
    boolean neutral;

    private Setting(String name) {
        this.name = name;
    }

    static Setting of(String name) {
        return new Setting(name);
    }

    static Setting of(String name, Consumer<NeuralNetConfiguration.Builder> options) {
        Setting setting = new Setting(name);
        setting.options = options;
        return setting;
    }

    Setting layers(Supplier<List<Layer>> layers) {
        this.layers = layers;
        return this;
    }

    /** Samples of a given shape, without N, in place of vectors. */
    Setting input(InputType input, UnaryOperator<DataSet> shaped) {
        this.input = input;
        this.batch = shaped;
        return this;
    }

    Setting backpropType(BackpropType backpropType) {
        this.backpropType = backpropType;
        return this;
    }

    Setting transfer(
            UnaryOperator<TransferLearning.Builder> transfer,
            UnaryOperator<TransferLearning.GraphBuilder> graphTransfer) {
        this.transfer = transfer;
        this.graphTransfer = graphTransfer;
        return this;
    }

    Setting listener(Supplier<TrainingListener> listener) {
        this.listeners = () -> List.of(listener.get());
        return neutral();
    }

    Setting training(Training training) {
        this.training = training;
        return this;
    }

    Setting batch(UnaryOperator<DataSet> batch) {
        this.batch = batch;
        return this;
    }

    Setting classWeights(double... weights) {
        this.classWeights = weights;
        return this;
    }

    Setting noisy() {
        this.noisy = true;
        return this;
    }

    Setting exactAlone() {
        this.exactAlone = true;
        return this;
    }

    Setting neutral() {
        this.neutral = true;
        return this;
    }

    @Override
    public String toString() {
        return name;
    }
}
