package io.github.dl4jngd.fisher.curvature;

import io.github.dl4jngd.fisher.jacobian.KroneckerFactored;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer's block A ⊗ G whose factors have eigenvectors that E-KFAC can take. */
interface AveragedFactors extends FactoredBlock {

    /** Copies of the factors that are matrices, bias-corrected, outside any workspace: A's blocks, then G. */
    List<INDArray> factors();

    /** The same of one minibatch. */
    List<INDArray> factorsOf(KroneckerFactored layer);

    /** The shapes of these. */
    List<long[]> factorShapes();
}
