/** The images of the commands, and the precision of their numbers. */
package io.github.dl4jngd.cli.data;
