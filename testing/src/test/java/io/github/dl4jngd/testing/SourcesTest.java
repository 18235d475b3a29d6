package io.github.dl4jngd.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the comments of every Java file keep, and the formatter of the code does not see to: lines that fit. */
class SourcesTest {

    private static final int LONGEST_LINE = 120;

    /** A line that is a comment, or a part of one. */
    private static final Pattern COMMENT = Pattern.compile("^\\s*(/\\*|\\*|//).*");

    /** Folders of builds and tools, whose files are not ours. */
    private static final Set<String> FOREIGN = Set.of(".git", "target", "out");

    @Test
    void linesOfCommentsFit() throws IOException {
        Path root = root();
        List<Path> sources = sources(root);
        assertThat(sources).hasSizeGreaterThan(100);

        List<String> found = new ArrayList<>();
        for (Path source : sources) {
            for (int line : longComments(Files.readAllLines(source))) {
                found.add(root.relativize(source) + ":" + line);
            }
        }
        assertThat(found)
                .as("lines of comments of more than %d characters", LONGEST_LINE)
                .isEmpty();
    }

    @Test
    void aLongLineOfACommentIsFoundAndOneOfCodeIsNot() {
        String fits = "x".repeat(LONGEST_LINE - 4);
        assertThat(longComments(List.of(
                        "/** " + fits, " *  " + fits, "/** " + fits + "x", "    // " + fits, "code(" + fits + ")")))
                .containsExactly(3, 4);
    }

    /** Line numbers, counted from one. */
    private static List<Integer> longComments(List<String> lines) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.codePointCount(0, line.length()) > LONGEST_LINE
                    && COMMENT.matcher(line).matches()) {
                found.add(i + 1);
            }
        }
        return found;
    }

    private static List<Path> sources(Path root) throws IOException {
        List<Path> sources = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return FOREIGN.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".java")) {
                    sources.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return sources;
    }

    private static Path root() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .filter(folder -> Files.exists(folder.resolve("CONTRIBUTING.md")))
                .findFirst()
                .orElseThrow();
    }
}
