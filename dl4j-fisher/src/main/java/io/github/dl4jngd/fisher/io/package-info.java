/** Files that are complete or not there. */
package io.github.dl4jngd.fisher.io;
