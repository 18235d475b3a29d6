/** Sheets of line charts and heat maps as PNG. Internal: it may change without notice. */
package io.github.dl4jngd.spectral.internal.chart;
