package io.github.dl4jngd.spectral.listener;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.deeplearning4j.nn.api.Model;

/**
 * The models that a listener has seen, numbered in the order in which it first saw them, with what it keeps for each.
 *
 * <p>A {@code ParallelWrapper} hands the model's listeners to all of its workers, each of which trains a copy of the
 * model on a thread of its own. Models are told apart by identity, because equal copies are what it is about, and are
 * forgotten with their last user.
 *
 * @param <S> what is kept for a model
 */
final class SeenModels<S> {

    private record Seen<S>(WeakReference<Model> model, S state) {}

    private final IntFunction<S> newState;
    private final List<Seen<S>> seen = new ArrayList<>();
    private int count;

    /** Makes the state of a model that is seen for the first time, from its number. */
    SeenModels(IntFunction<S> newState) {
        this.newState = newState;
    }

    /** What is kept for a model. */
    S of(Model model) {
        for (Seen<S> each : seen) {
            if (each.model.refersTo(model)) {
                return each.state;
            }
        }
        seen.removeIf(each -> each.model.refersTo(null));
        Seen<S> added = new Seen<>(new WeakReference<>(model), newState.apply(count++));
        seen.add(added);
        return added.state;
    }
}
