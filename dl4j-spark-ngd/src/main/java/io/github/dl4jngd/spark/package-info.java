/**
 * Natural gradients and Fisher matrices of samples that lie on many machines, by Apache Spark.
 *
 * <p>Everything nonlinear (averages, inverses, damping, the step, checkpoints) is on the driver, as on one machine;
 * executors sum over samples. Sums have the same bits whatever the number of executors and partitions.
 */
package io.github.dl4jngd.spark;
