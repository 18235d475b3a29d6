/** Where the examples' images come from. */
package io.github.dl4jngd.cli.data;
