/** Reference files: what they hold, and the Deeplearning4j networks they belong to. */
package io.github.dl4jngd.cli.reference;
