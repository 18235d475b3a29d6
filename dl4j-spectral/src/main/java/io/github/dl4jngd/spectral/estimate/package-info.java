/**
 * Estimators of the spectrum of a symmetric operator: λ_max by power iteration and, in fewer products, by conjugate
 * iteration, both with warm start, the largest eigenvalues by the Lanczos process or block power iteration, the trace
 * by Hutchinson's estimator or Hutch++, the spectral density by Lanczos quadrature, and all eigenvalues from the dual
 * matrix. Every result is a value that says how good it is.
 */
package io.github.dl4jngd.spectral.estimate;
