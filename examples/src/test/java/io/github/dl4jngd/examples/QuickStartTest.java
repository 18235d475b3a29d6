package io.github.dl4jngd.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README shows the program as it is, and what it prints. */
class QuickStartTest {

    /**
     * Percentage points by which other CPUs, whose products round differently, may deviate from what the README shows.
     */
    private static final double TOLERANCE = 5;

    private static final Pattern IN_README = Pattern.compile(
            "<!-- QuickStart.java -->\\R+```java\\R(.*?)```\\R(.*?)```\\w*\\R(.*?)```\\R+<!-- /QuickStart.java -->",
            Pattern.DOTALL);

    @Test
    void readmeHasTheProgram() throws IOException {
        Path source = Path.of("src/main/java/io/github/dl4jngd/examples/QuickStart.java");

        assertThat(readme().group(1)).isEqualTo(Program.sourceToPaste(source));
    }

    @Test
    void printsWhatTheReadmeShows() throws Exception {
        List<String> printed = Program.run(QuickStart::main);
        List<String> shown = readme().group(3).lines().toList();

        assertThat(printed).hasSameSizeAs(shown);
        for (int line = 0; line < shown.size(); line++) {
            assertThat(Program.numbers(printed.get(line)))
                    .as("line %d", line)
                    .containsExactly(Program.numbers(shown.get(line)), within(TOLERANCE));
            assertThat(printed.get(line)).hasSameSizeAs(shown.get(line));
        }
        assertThat(Program.numbers(printed.get(0))[1]).as("Adam").isLessThan(80);
        assertThat(Program.numbers(printed.get(1))[1]).as("K-FAC").isGreaterThan(90);
    }

    private static Matcher readme() throws IOException {
        Matcher block = IN_README.matcher(Files.readString(Program.PROJECT.resolve("README.md")));
        assertThat(block.find())
                .as("README.md has the program and what it prints between its two comments")
                .isTrue();
        return block;
    }
}
