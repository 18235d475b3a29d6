/**
 * A reader of NumPy's {@code .npz} and {@code .npy} files that believes no header: memory is taken only for bytes that
 * are really there, checksums are checked, and a damaged file ends in an {@link java.io.IOException} that says what was
 * expected and what was found.
 */
package io.github.dl4jngd.cli.npz;
