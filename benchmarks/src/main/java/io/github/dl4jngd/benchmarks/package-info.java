/** JMH benchmarks of training steps and spectrum readings, as ratios to Deeplearning4j's own step. */
package io.github.dl4jngd.benchmarks;
