/**
 * Learning tasks one after the other: {@link io.github.dl4jngd.transfer.ContinualTraining} trains any Deeplearning4j
 * model on them, {@link io.github.dl4jngd.transfer.ErrorMatrix} says what was transferred and forgotten, and an
 * {@link io.github.dl4jngd.transfer.AnchoredPenalty} holds the model near what it knows.
 */
package io.github.dl4jngd.transfer;
