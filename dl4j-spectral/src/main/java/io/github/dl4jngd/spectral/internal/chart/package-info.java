/** Line charts as PNG. */
package io.github.dl4jngd.spectral.internal.chart;
