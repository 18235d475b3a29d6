/**
 * The oneDNN layer helpers that Deeplearning4j 1.0.0-M2.1 lost: {@link io.github.dl4jngd.onednn.OneDnn#enable()} before
 * networks are built.
 */
package io.github.dl4jngd.onednn;
