package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.training.ConfigurationCopies;
import java.io.IOException;
import java.io.Serial;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.nd4j.shade.jackson.core.JsonGenerator;
import org.nd4j.shade.jackson.databind.JsonSerializer;
import org.nd4j.shade.jackson.databind.SerializerProvider;
import org.nd4j.shade.jackson.databind.annotation.JsonSerialize;
import org.nd4j.shade.jackson.databind.jsontype.TypeSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lies among the penalties of every trained layer of a model with a natural gradient and adds nothing to them; public
 * because model files of the first builds of this library have its name.
 *
 * <p>DL4J asks a layer's penalties for their part of every score, before the updater is called. So the mark sees each
 * step come, whatever has become of the model's listeners and updater, and calls the natural gradient back.
 *
 * <p>DL4J copies a layer's penalties wherever it copies a model in memory, but never an updater. So a clone, a
 * converted or otherwise derived model has a copy of the mark, and no natural gradient: the copy refuses the model's
 * first step, which would have been an ordinary one, unless
 * {@link NaturalGradientConfiguration.Builder#markModel(boolean) markModel(false)} said that copies may train as they
 * like. Steps of a natural gradient and everything that is not training pass.
 *
 * <p>Files are for every program: nothing of a mark is written, neither as JSON nor by Java's serialisation, and the
 * log says so once. A model that is read from a file has no mark. Where DL4J copies a model by JSON, in
 * {@code convertDataType} and for the workers of a {@code ParallelWrapper}, the copy is marked.
 */
@JsonSerialize(using = NaturalGradientMark.LeavesNothing.class)
public final class NaturalGradientMark implements Regularization {

    private static final long serialVersionUID = 1L;

    private static final Logger log = LoggerFactory.getLogger(NaturalGradient.class);

    /** One copy of a model copies many marks. */
    private static final long BETWEEN_WARNINGS = 1_000_000_000;

    private static final AtomicLong LAST_WARNING = new AtomicLong(System.nanoTime() - 2 * BETWEEN_WARNINGS);

    /** Whether this thread writes a configuration that is read with its natural gradient. */
    private static final ThreadLocal<Boolean> COMPLETE = ThreadLocal.withInitial(() -> false);

    /** The method that trained the model. */
    private final String method;

    /** Whether copies of the model refuse ordinary steps. */
    private final boolean refuses;

    /** Whether the log has it that files know nothing of the natural gradient; shared with copies. */
    private final transient AtomicBoolean announced;

    /** The natural gradient of the model that this lies in; null in copies. */
    private final transient NaturalGradient attached;

    /**
     * Creates the mark of a copy, from code or from a configuration that the first builds saved.
     *
     * @param method the method that trained the model
     */
    @JsonCreator
    public NaturalGradientMark(@JsonProperty("method") String method) {
        this(method, true, new AtomicBoolean(), null);
    }

    /** The mark of the model itself. */
    NaturalGradientMark(NaturalGradient attached) {
        this(
                attached.configuration().methodName(),
                attached.configuration().marksModel(),
                new AtomicBoolean(),
                attached);
    }

    private NaturalGradientMark(String method, boolean refuses, AtomicBoolean announced, NaturalGradient attached) {
        this.method = method;
        this.refuses = refuses;
        this.announced = announced;
        this.attached = attached;
    }

    /**
     * The method that trained the model.
     *
     * @return its name
     */
    @JsonProperty("method")
    public String method() {
        return method;
    }

    /** The natural gradient of the model that this lies in; null in copies. */
    NaturalGradient attached() {
        return attached;
    }

    @Override
    public ApplyStep applyStep() {
        return ApplyStep.BEFORE_UPDATER;
    }

    /**
     * Lets natural-gradient steps pass.
     *
     * @throws NaturalGradientException in any other step
     */
    @Override
    public void apply(INDArray parameter, INDArray gradient, double rate, int iteration, int epoch) {
        if (PreconditionedStep.isOpen()) {
            return;
        }
        if (attached != null && attached.owns(parameter)) {
            throw new NaturalGradientException(
                    "Iteration " + iteration + ": the model's updater is Deeplearning4j's own, "
                            + "called without the model's listeners, and the " + title()
                            + " that is attached to the model could not take its place; the step would have been an "
                            + "ordinary one. Train with fit, or detach the " + title() + " first");
        }
        if (refuses) {
            throw new NaturalGradientException("Iteration " + iteration
                    + ": the model's updater is Deeplearning4j's own, but it carries the mark of a " + title()
                    + ", from which it was cloned, restored or converted; the step would have been an ordinary one. Call "
                    + attach() + " to go on with one, or "
                    + "NaturalGradient.unmark(model) to go on without");
        }
    }

    /** No penalty; but DL4J asks for it in every step, before it calls the updater. */
    @Override
    public double score(INDArray parameter, int iteration, int epoch) {
        if (attached != null && attached.owns(parameter)) {
            attached.beforeScore();
        }
        return 0;
    }

    /**
     * Copies of a model get a mark that knows no natural gradient. Transfer learning may freeze every layer that has
     * one and add layers without: then no step would be refused, so the warning comes now.
     */
    @Override
    @SuppressWarnings("MissingSuperCall") // final, and made anew
    public Regularization clone() {
        if (refuses
                && System.nanoTime() - LAST_WARNING.get() > BETWEEN_WARNINGS
                && StackWalker.getInstance().walk(frames -> frames.anyMatch(NaturalGradientMark::isTransferLearning))) {
            LAST_WARNING.set(System.nanoTime());
            log.warn(
                    "Transfer learning from a model with a {}: the new model has none. Call {}, or"
                            + " NaturalGradient.unmark(model) to train it without",
                    title(),
                    attach());
        }
        return new NaturalGradientMark(method, refuses, announced, null);
    }

    private static boolean isTransferLearning(StackWalker.StackFrame frame) {
        return frame.getClassName().startsWith(TransferLearning.class.getName());
    }

    /**
     * Writes a configuration that will be read together with its natural gradient: there is nothing to warn of.
     *
     * @param <T> what is written
     * @param writing writes it
     * @return what was written
     */
    static <T> T complete(Supplier<T> writing) {
        COMPLETE.set(true);
        try {
            return writing.get();
        } finally {
            COMPLETE.remove();
        }
    }

    private String title() {
        return NaturalGradientConfiguration.title(method);
    }

    /** The class whose attach and save these are. */
    private String facade() {
        return method.equals(PlainGradient.NAME) ? "GradientRegularization" : "NaturalGradient";
    }

    /** The call that brings it back. */
    private String attach() {
        return facade()
                + (method.equals(PlainGradient.NAME) ? ".attach(model, rule)" : ".attach(model, configuration)");
    }

    private void announce() {
        if (!COMPLETE.get() && announced.compareAndSet(false, true)) {
            log.warn(
                    "The configuration of a model with a {} was written: every Deeplearning4j reads it, and nothing of that"
                            + " is in it. A model read from it trains by its updater alone until {} is called; {}.save writes a"
                            + " model file from which all of it goes on",
                    title(),
                    attach(),
                    facade());
        }
    }

    /**
     * Java's serialisation writes in its place a penalty of DL4J's that adds nothing either.
     *
     * @return that penalty
     */
    @Serial
    private Object writeReplace() {
        announce();
        return new L2Regularization(0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NaturalGradientMark mark && Objects.equals(mark.method, method);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(method);
    }

    @Override
    public String toString() {
        return "NaturalGradientMark(" + method + ")";
    }

    /** Writes no element where the list of a layer's penalties has a mark, unless the model is being copied. */
    static final class LeavesNothing extends JsonSerializer<NaturalGradientMark> {

        @Override
        public void serialize(NaturalGradientMark mark, JsonGenerator json, SerializerProvider provider) {
            mark.announce();
        }

        @Override
        public void serializeWithType(
                NaturalGradientMark mark, JsonGenerator json, SerializerProvider provider, TypeSerializer type)
                throws IOException {
            if (!ConfigurationCopies.isCopying()) {
                mark.announce();
            } else if (mark.refuses) {
                json.writeStartObject();
                json.writeStringField("@class", NaturalGradientMark.class.getName());
                json.writeStringField("method", mark.method);
                json.writeEndObject();
            }
        }
    }
}
