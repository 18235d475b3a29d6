package io.github.dl4jngd.datasets;

/** The shape of the features. */
public enum Layout {
    /** [N, channels · height · width]: channel planes one after the other, row-major. */
    FLAT,
    /** [N, channels, height, width], DL4J's NCHW. */
    CHANNELS_FIRST
}
