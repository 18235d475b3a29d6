/**
 * The command {@code ngd dynamics}: training curves of every method beside what the network linearised at
 * initialisation predicts.
 */
package io.github.dl4jngd.cli.dynamics;
