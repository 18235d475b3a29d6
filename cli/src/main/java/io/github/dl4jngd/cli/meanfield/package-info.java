/** The random networks of mean-field theory, and the options that name them. */
package io.github.dl4jngd.cli.meanfield;
