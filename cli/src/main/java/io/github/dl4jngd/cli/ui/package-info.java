/** {@code ngd ui}: runs in the browser. */
package io.github.dl4jngd.cli.ui;
