/**
 * Deeplearning4j's oneDNN layer helpers, repaired. Deeplearning4j creates these objects itself, one for each layer,
 * once {@link io.github.dl4jngd.onednn.OneDnn#enable()} has been called; the classes are public only for that.
 */
package io.github.dl4jngd.onednn.internal;
