/**
 * What theory predicts: order parameters and spectrum of random networks (mean field), the order–chaos boundary, the
 * infinite-width neural tangent kernel and training in function space.
 */
package io.github.dl4jngd.spectral.theory;
