package io.github.dl4jngd.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Spark's contexts for tests: in this process, and with executors as processes of their own. */
final class Contexts {

    private Contexts() {}

    private static SparkConf configuration(String master) {
        return new SparkConf()
                .setMaster(master)
                .setAppName("dl4j-spark-ngd tests")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1");
    }

    /** Two tasks at a time in this process; a task is tried four times. */
    static JavaSparkContext local() {
        return new JavaSparkContext(configuration("local[2,4]"));
    }

    static JavaSparkContext local(String key, String value) {
        return new JavaSparkContext(configuration("local[2,4]").set(key, value));
    }

    /** So many executors of one core and a gigabyte each, with this process's class path. */
    static JavaSparkContext cluster(int executors) {
        return new JavaSparkContext(executors(executors, directories()));
    }

    /** The same with directories of classes of one's choice. */
    static JavaSparkContext cluster(int executors, String directories) {
        return new JavaSparkContext(executors(executors, directories));
    }

    /** Executors of which a slow one's tasks are begun again on another. */
    static JavaSparkContext speculative(int executors) {
        return new JavaSparkContext(executors(executors, directories())
                .set("spark.speculation", "true")
                .set("spark.speculation.interval", "50ms")
                .set("spark.speculation.quantile", "0.5"));
    }

    private static SparkConf executors(int executors, String directories) {
        linkJars();
        return configuration("local-cluster[" + executors + ",1,1024]")
                .set("spark.executor.memory", "1024m")
                .set("spark.executor.extraClassPath", directories)
                .set("spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxbytes=1g")
                .set("spark.executorEnv.OPENBLAS_NUM_THREADS", "1")
                .set("spark.executorEnv.OMP_NUM_THREADS", "1");
    }

    private static List<Path> classPath() {
        // Surefire's own class path is one jar that names the others
        String entries = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(entries.split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath())
                .toList();
    }

    private static String directories() {
        List<String> directories = new ArrayList<>();
        classPath().stream().filter(Files::isDirectory).forEach(path -> directories.add(path.toString()));
        return String.join(File.pathSeparator, directories);
    }

    /** SPARK_HOME is any folder with the jars that executors are to have. */
    private static void linkJars() {
        String home = System.getenv("SPARK_HOME");
        if (home == null) {
            throw new IllegalStateException("SPARK_HOME is to name a folder that links to jars are put into");
        }
        Path jars = Path.of(home, "jars");
        try {
            Files.createDirectories(jars);
            for (Path path : classPath()) {
                Path link = jars.resolve(path.getFileName().toString());
                if (path.toString().endsWith(".jar") && Files.isRegularFile(path) && !Files.exists(link)) {
                    Files.createSymbolicLink(link, path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
