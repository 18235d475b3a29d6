/** The page Sharpness as a tab in Deeplearning4j's own training UI. */
package io.github.dl4jngd.ui;
