package io.github.dl4jngd.fisher.operation;

import org.nd4j.linalg.api.ndarray.INDArray;

/** An operation that can leave out what a minibatch's mask leaves out, as DL4J's layer does when it holds one. */
public interface Maskable extends Operation {

    /**
     * The operation for one minibatch.
     *
     * @param mask as DL4J's layer holds it
     * @return the operation with the mask
     */
    Operation masked(INDArray mask);
}
