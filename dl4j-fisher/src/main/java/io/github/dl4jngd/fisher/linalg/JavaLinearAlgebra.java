package io.github.dl4jngd.fisher.linalg;

import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** LAPACK translated to Java, on copies of the arrays: slow, and works wherever Java does. */
final class JavaLinearAlgebra extends LapackLinearAlgebra {

    JavaLinearAlgebra() {
        super(new NetlibFloat(), new NetlibDouble());
    }

    @Override
    public String name() {
        return "java";
    }

    @Override
    <T> T runLu(Callable<T> task) {
        try {
            return task.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new LinearAlgebraException("the LU decomposition failed: " + e, e);
        }
    }

    @Override
    <T> T runConcurrently(Supplier<T> task) {
        return task.get();
    }
}
