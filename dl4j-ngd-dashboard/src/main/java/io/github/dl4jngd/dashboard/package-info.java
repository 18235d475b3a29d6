/** A page in the browser that shows the readings of a model's listeners while it trains, and afterwards. */
package io.github.dl4jngd.dashboard;
