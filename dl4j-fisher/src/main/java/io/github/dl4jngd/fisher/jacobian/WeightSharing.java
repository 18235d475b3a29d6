package io.github.dl4jngd.fisher.jacobian;

/**
 * How the T positions at which a layer applies the same weights enter its Kronecker factors; the same for T = 1.
 *
 * <p>Source: Eschenhagen et al., <em>Kronecker-Factored Approximate Curvature for Modern Neural Network
 * Architectures</em>, NeurIPS 2023.
 */
public enum WeightSharing {
    /**
     * Positions as if independent (Grosse &amp; Martens 2016): A = (1/N) Σ_n Σ_t ããᵀ, G = (1/(NT)) Σ_n Σ_j Σ_t δ̃δ̃ᵀ.
     */
    EXPAND,
    /** Positions reduced first: ā_n = mean_t ã, δ̄_nj = Σ_t δ̃, A = (1/N) Σ_n āāᵀ, G = (1/N) Σ_n Σ_j δ̄δ̄ᵀ. */
    REDUCE
}
