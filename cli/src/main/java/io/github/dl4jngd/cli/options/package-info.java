/** The options that several commands share. */
package io.github.dl4jngd.cli.options;
