/**
 * Sums over samples that lie in several shards: pure functions of a network, its parameters, a shard and a task, and
 * the order in which what they give is added up.
 *
 * <p>The same functions run on one machine and on many, so that where the shards lie makes no difference to a bit.
 */
@NullMarked
package io.github.dl4jngd.fisher.network.shard;

import org.jspecify.annotations.NullMarked;
