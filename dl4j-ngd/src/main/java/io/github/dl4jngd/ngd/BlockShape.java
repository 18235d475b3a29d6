package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.jacobian.RowForm;

/**
 * What the memory of a layer's block depends on, beside the minibatch.
 *
 * @param inputs the size of ã
 * @param units the number of units
 * @param form what a row of its Jacobian is made of
 */
record BlockShape(long inputs, long units, RowForm form) {}
