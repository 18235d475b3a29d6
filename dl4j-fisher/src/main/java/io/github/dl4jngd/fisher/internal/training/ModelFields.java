package io.github.dl4jngd.fisher.internal.training;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Fields of DL4J's models that have no method to read or set them. */
final class ModelFields {

    private ModelFields() {}

    static VarHandle handle(Class<?> model, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(model, MethodHandles.lookup()).findVarHandle(model, name, type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "This version of Deeplearning4j has no field " + name + " in its " + model.getSimpleName()
                            + "; 1.0.0-M2.1 and 1.0.0-M1.1 are known",
                    e);
        }
    }
}
