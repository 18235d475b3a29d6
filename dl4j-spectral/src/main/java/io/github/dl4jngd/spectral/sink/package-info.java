/** Where readings go: log, CSV, JSON lines, memory, charts, DL4J's statistics storage. */
package io.github.dl4jngd.spectral.sink;
