package io.github.dl4jngd.fisher.linalg;

import org.jspecify.annotations.Nullable;

/** A matrix given to a Cholesky factorisation has a leading minor that is not positive. */
public class NotPositiveDefiniteException extends LinearAlgebraException {

    private static final long serialVersionUID = 1L;

    /** The order of the leading minor. */
    private final int order;

    /** The index within the batch. */
    private final int batchMember;

    /**
     * Creates an exception for a matrix that has no Cholesky factor.
     *
     * @param message what was wrong, what was expected, what to do
     * @param order the order of the first leading minor that is not positive, from 1; 0 if unknown
     * @param batchMember the index of the matrix within its batch; −1 if there is no batch
     * @param cause what led to it; null where that is the matrix alone
     */
    public NotPositiveDefiniteException(String message, int order, int batchMember, @Nullable Throwable cause) {
        super(message, cause);
        this.order = order;
        this.batchMember = batchMember;
    }

    /**
     * The order of the first leading minor that is not positive.
     *
     * @return from 1 to n; 0 if the provider does not tell
     */
    public int order() {
        return order;
    }

    /**
     * The index of the matrix within its batch.
     *
     * @return from 0; −1 if there is no batch
     */
    public int batchMember() {
        return batchMember;
    }
}
