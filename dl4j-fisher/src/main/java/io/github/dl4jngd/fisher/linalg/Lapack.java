package io.github.dl4jngd.fisher.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The LAPACK routines in use, for one data type.
 *
 * <p>Symmetric matrices are stored by rows. LAPACK expects columns, and so takes their lower triangle for its upper
 * one: the factor Lᵀ it leaves in the upper triangle is, read by rows again, L in the lower one, and no copy has to
 * transpose. Everything else is stored by columns. Methods named after a routine return its {@code info}: 0 for
 * success.
 *
 * @param <S> what holds the numbers: native memory or a Java array
 */
interface Lapack<S> {

    /** The numbers of an array that is contiguous and starts at offset 0; S may share its memory. */
    S storage(INDArray contiguous);

    /** The numbers in an array like the one that storage was made from; may be that very array. */
    INDArray array(S storage, INDArray contiguous);

    /** A = L Lᵀ in place. */
    int potrf(int n, S a, long offset);

    /** Overwrites k columns b with A⁻¹ b. */
    int potrs(int n, int k, S factor, long factorOffset, S b, long bOffset);

    /** Overwrites the factor's lower triangle with A⁻¹'s. */
    int potri(int n, S factor);

    /** The reciprocal condition number of A, given ‖A‖₁. */
    double pocon(int n, S factor, double norm1);

    /** ‖A‖₁ from a symmetric matrix's lower triangle. */
    double symmetricNorm1(int n, S a);

    /** Zeros above the diagonal. */
    void clearUpper(int n, S a);

    /** Copies the lower triangle to the upper one. */
    void mirrorLower(int n, S a);

    /** Copies the upper triangle to the lower one. */
    void mirrorUpper(int n, S a);

    /** Overwrites a with its eigenvectors, by columns. */
    int syevd(int n, S a, S values);

    /** P A = L U in place, of a general matrix. */
    int getrf(int n, S a, int[] pivots);

    /** Overwrites k columns b with A⁻¹ b. */
    int getrs(int n, int k, S lu, int[] pivots, S b);

    /** The reciprocal condition number of A, given ‖A‖₁. */
    double gecon(int n, S lu, double norm1);

    /** ‖A‖₁ of a general matrix. */
    double generalNorm1(int n, S a);
}
