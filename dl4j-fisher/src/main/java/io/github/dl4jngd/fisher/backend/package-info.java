/** Which of ND4J's back ends is on the class path, and whether this machine's GPU can run it. */
@NullMarked
package io.github.dl4jngd.fisher.backend;

import org.jspecify.annotations.NullMarked;
