package io.github.dl4jngd.fisher.jacobian;

/** What a row of a layer's Jacobian J̃_l is made of. */
public enum RowForm {
    /** ã_n ⊗ δ̃_{k,n}, never formed: a dense layer. */
    OUTER_PRODUCT,
    /**
     * Σ_t ã_{n,t} ⊗ δ̃_{k,n,t}, formed where the rows themselves are needed: a convolution, or a dense layer whose
     * samples are coupled.
     */
    SUM_OF_OUTER_PRODUCTS,
    /** Σ_t e_{w(n,t)} ⊗ δ̃_{k,n,t} with unit vectors e of words, never formed: an embedding. */
    SUM_OF_WORDS,
    /** Always formed: a normalisation, a depthwise convolution. */
    FORMED
}
