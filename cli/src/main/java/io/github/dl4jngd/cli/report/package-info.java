/**
 * What a command leaves behind: tables on the console, and CSV, JSON and PNG files in a run directory. Knows nothing of
 * training.
 */
package io.github.dl4jngd.cli.report;
