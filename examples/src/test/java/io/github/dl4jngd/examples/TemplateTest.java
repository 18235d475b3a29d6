package io.github.dl4jngd.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The template's program compiles and learns. That its POM finds everything is tried with a release in a folder. */
class TemplateTest {

    private static final Path TEMPLATE = Path.of("template");

    @Test
    void programLearns(@TempDir Path classes) throws Exception {
        Path source = TEMPLATE.resolve("src/main/java/com/example/App.java");
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, System.out, System.out, "-proc:none", "-d", classes.toString(), source.toString());
        assertThat(status).isZero();

        List<String> printed;
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            var main = loader.loadClass("com.example.App").getMethod("main", String[].class);
            printed = Program.run(args -> main.invoke(null, (Object) args));
        }
        double before = Program.numbers(printed, "before")[0];
        double after = Program.numbers(printed, "after 100 steps of K-FAC")[1];
        assertThat(after).isLessThan(0.01 * before);
    }

    /** A user reads it as a whole before taking it. */
    @Test
    void pomIsShort() throws IOException {
        assertThat(Files.readAllLines(TEMPLATE.resolve("pom.xml"))).hasSizeLessThanOrEqualTo(30);
    }

    @Test
    void versionsAreTheProjects() throws IOException {
        String template = Files.readString(TEMPLATE.resolve("pom.xml"));
        String parent = Files.readString(Program.PROJECT.resolve("pom.xml"));

        assertThat(versions(template, "<groupId>io.github.dl4jngd</groupId>"))
                .hasSize(2)
                .containsOnly(first(parent, "<version>([^<]+)</version>"));
        assertThat(versions(template, "<groupId>org.nd4j</groupId>"))
                .hasSize(2)
                .containsOnly(first(parent, "<dl4j.version>([^<]+)</dl4j.version>"));
        assertThat(versions(template, "<artifactId>slf4j-simple</artifactId>"))
                .containsExactly(first(parent, "<slf4j.version>([^<]+)</slf4j.version>"));
    }

    /** The versions in the lines that have a text. */
    private static List<String> versions(String pom, String text) {
        return pom.lines()
                .filter(line -> line.contains(text))
                .map(line -> first(line, "<version>([^<]+)</version>"))
                .toList();
    }

    private static String first(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .findFirst()
                .map((MatchResult match) -> match.group(1))
                .orElseThrow();
    }
}
