package io.github.dl4jngd.fisher.internal.training;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.optimize.Solver;
import org.jspecify.annotations.Nullable;

/** Fields that both of DL4J's classes of models have, and no method in both of its lines to read or set them. */
final class ModelFields {

    private final VarHandle gradient;
    private final VarHandle solver;

    ModelFields(Class<? extends Model> model) {
        gradient = handle(model, "gradient", Gradient.class);
        solver = handle(model, "solver", Solver.class);
    }

    static VarHandle handle(Class<? extends Model> model, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(model, MethodHandles.lookup()).findVarHandle(model, name, type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "This version of Deeplearning4j has no field " + name + " in its " + model.getSimpleName()
                            + "; 1.0.0-M2.1 and 1.0.0-M1.1 are known",
                    e);
        }
    }

    void setGradient(Model model, Gradient value) {
        gradient.set(model, value);
    }

    @Nullable Solver solver(Model model) {
        return (Solver) solver.get(model);
    }

    void setSolver(Model model, @Nullable Solver value) {
        solver.set(model, value);
    }
}
