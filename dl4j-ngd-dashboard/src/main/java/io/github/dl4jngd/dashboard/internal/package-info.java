/** The page and what it reads, for the modules of this project that carry it. May change without notice. */
package io.github.dl4jngd.dashboard.internal;
