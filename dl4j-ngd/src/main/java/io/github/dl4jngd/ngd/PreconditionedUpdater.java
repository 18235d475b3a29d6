package io.github.dl4jngd.ngd;

import org.nd4j.linalg.api.ndarray.INDArray;

/** One of DL4J's updaters with a preconditioner in front. */
interface PreconditionedUpdater {

    Preconditioner preconditioner();

    INDArray getStateViewArray();
}
