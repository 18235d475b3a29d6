/** What commands ask of Apache Spark, which is there where the program was built with it. */
package io.github.dl4jngd.cli.spark;
