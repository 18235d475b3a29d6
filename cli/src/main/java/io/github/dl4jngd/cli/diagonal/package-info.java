/** {@code ngd diagonal}: which solution a regularised gradient finds, where that has a closed form. */
package io.github.dl4jngd.cli.diagonal;
