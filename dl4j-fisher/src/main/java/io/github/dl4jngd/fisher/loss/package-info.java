/**
 * Losses with the probability models behind them: the residual r, the metric H = S Sᵀ, its root S and what is drawn for
 * a Monte-Carlo Fisher, all at the network's outputs.
 *
 * <p>Nothing here knows of networks or of parameters. {@link io.github.dl4jngd.fisher.loss.OutputRoot} is what a
 * Fisher matrix of one of the three {@link io.github.dl4jngd.fisher.loss.FisherType types} sends back.
 */
@NullMarked
package io.github.dl4jngd.fisher.loss;

import org.jspecify.annotations.NullMarked;
