package io.github.dl4jngd.cli.dynamics;

/**
 * ½ mean‖f − y‖².
 *
 * @param train over the training images
 * @param test over the test images
 */
record Losses(double train, double test) {}
