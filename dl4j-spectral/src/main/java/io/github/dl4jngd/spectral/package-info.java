/**
 * The Fisher information matrix of a network as a matrix-free operator: see
 * {@link io.github.dl4jngd.spectral.FisherMatrix}; estimators of its spectrum are in
 * {@link io.github.dl4jngd.spectral.estimate}.
 */
package io.github.dl4jngd.spectral;
