/** What listeners' readings are, and where they go: log, CSV, JSON lines, memory, DL4J's statistics storage. */
package io.github.dl4jngd.spectral.sink;
