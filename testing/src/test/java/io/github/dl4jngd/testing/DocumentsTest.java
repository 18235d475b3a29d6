package io.github.dl4jngd.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every Markdown file of the project keeps: lines that fit, and links that lead somewhere. */
class DocumentsTest {

    private static final Path ROOT = root();

    private static final int LONGEST_LINE = 120;
    private static final int LONGEST_README = 7000;

    /** Folders of builds and tools, whose files are not ours. */
    private static final Set<String> FOREIGN = Set.of(".git", "target", "out", "node_modules");

    private static final Pattern FENCE = Pattern.compile("^ {0,3}(```+|~~~+)");
    private static final Pattern TABLE = Pattern.compile("^\\s*\\|");
    private static final Pattern HEADING = Pattern.compile("^ {0,3}#{1,6}\\s+(.*?)\\s*#*\\s*$");
    private static final Pattern CODE = Pattern.compile("(`+).+?\\1");
    /** From the bracket that ends its text, which may have begun a line before. */
    private static final Pattern LINK = Pattern.compile("]\\(<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\)");

    private static final Pattern SCHEME = Pattern.compile("^[a-z][a-z0-9+.-]*:.*");

    @TestFactory
    Stream<DynamicTest> linesFit() throws IOException {
        return documents().stream()
                .map(file -> DynamicTest.dynamicTest(name(file), () -> assertThat(longLines(file))
                        .as("lines of more than %d characters outside tables in %s", LONGEST_LINE, name(file))
                        .isEmpty()));
    }

    @TestFactory
    Stream<DynamicTest> linksLeadSomewhere() throws IOException {
        return documents().stream()
                .map(file -> DynamicTest.dynamicTest(name(file), () -> assertThat(brokenLinks(file))
                        .as("relative links of %s to no file or no heading", name(file))
                        .isEmpty()));
    }

    @Test
    void theReadmeIsOnePage() throws IOException {
        assertThat(Files.size(ROOT.resolve("README.md"))).isLessThanOrEqualTo(LONGEST_README);
    }

    @Test
    void everyPageOfTheGuideIsInItsIndex() throws IOException {
        Path guide = ROOT.resolve("docs");
        String index = Files.readString(guide.resolve("README.md"));

        assertThat(documents().stream()
                        .filter(file -> file.startsWith(guide))
                        .map(file -> guide.relativize(file).toString().replace('\\', '/'))
                        .filter(page -> !page.equals("README.md")))
                .isNotEmpty()
                .allSatisfy(page -> assertThat(index).contains("(" + page + ")"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "How costs grow | how-costs-grow",
                "F, J̃ and q: the `q`-form | f-j̃-and-q-the-q-form",
                "Why 2/λ_max? | why-2λ_max",
                "A [link](page.md#part) here | a-link-here"
            })
    void anchorsAreGitHubs(String heading, String anchor) {
        assertThat(anchor(heading)).isEqualTo(anchor);
    }

    @Test
    void aLongLineAndABrokenLinkAreFound() throws IOException {
        List<String> lines = List.of(
                "# A page",
                "x".repeat(LONGEST_LINE),
                "x".repeat(LONGEST_LINE + 1),
                "| " + "x".repeat(LONGEST_LINE) + " |",
                "[here](#a-page) [not here](#another) [file](README.md) [no file](nowhere.md) [web](https://example.org)",
                "`[no link](nowhere-either.md)`",
                "```",
                "# no heading, [no link](nowhere-at-all.md)",
                "```");

        assertThat(longLines(lines)).containsExactly(3);
        assertThat(brokenLinks(ROOT.resolve("A.md"), lines)).containsExactly("#another", "nowhere.md");
    }

    private static List<Integer> longLines(Path file) throws IOException {
        return longLines(Files.readAllLines(file));
    }

    /** Line numbers, counted from one. */
    private static List<Integer> longLines(List<String> lines) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.codePointCount(0, line.length()) > LONGEST_LINE
                    && !TABLE.matcher(line).find()) {
                found.add(i + 1);
            }
        }
        return found;
    }

    private static List<String> brokenLinks(Path file) throws IOException {
        return brokenLinks(file, Files.readAllLines(file));
    }

    private static List<String> brokenLinks(Path file, List<String> lines) throws IOException {
        List<String> broken = new ArrayList<>();
        for (String line : prose(lines)) {
            Matcher links = LINK.matcher(CODE.matcher(line).replaceAll(""));
            while (links.find()) {
                String target = links.group(1);
                if (!SCHEME.matcher(target).matches() && !exists(file, lines, target)) {
                    broken.add(target);
                }
            }
        }
        return broken;
    }

    private static boolean exists(Path file, List<String> lines, String target) throws IOException {
        int hash = target.indexOf('#');
        String path = URI.create(hash < 0 ? target : target.substring(0, hash)).getPath();
        Path other = path.isEmpty() ? file : file.resolveSibling(path).normalize();
        if (!path.isEmpty() && !Files.exists(other)) {
            return false;
        }
        return hash < 0
                || anchors(path.isEmpty() ? lines : Files.readAllLines(other)).contains(target.substring(hash + 1));
    }

    /** The anchors of a page's headings; those of equal headings are numbered. */
    private static Set<String> anchors(List<String> lines) {
        Set<String> anchors = new TreeSet<>();
        Map<String, Integer> seen = new HashMap<>();
        for (String line : prose(lines)) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                String anchor = anchor(heading.group(1));
                int before = seen.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
        }
        return anchors;
    }

    /** As GitHub makes them: lower case, letters, digits, hyphens and underscores stay, a space becomes a hyphen. */
    private static String anchor(String heading) {
        return LINK.matcher(heading)
                .replaceAll("")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "")
                .replace(' ', '-');
    }

    /** The lines outside fenced code. */
    private static List<String> prose(List<String> lines) {
        List<String> prose = new ArrayList<>();
        String fence = null;
        for (String line : lines) {
            Matcher mark = FENCE.matcher(line);
            if (fence == null && mark.find()) {
                fence = mark.group(1);
            } else if (fence != null && line.strip().startsWith(fence)) {
                fence = null;
            } else if (fence == null) {
                prose.add(line);
            }
        }
        return prose;
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md") && isOurs(file))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isOurs(Path file) {
        for (Path part : ROOT.relativize(file)) {
            if (FOREIGN.contains(part.toString())) {
                return false;
            }
        }
        return true;
    }

    private static String name(Path file) {
        return ROOT.relativize(file).toString();
    }

    /** The project's root, which a test may run in or below. */
    private static Path root() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .filter(folder -> Files.exists(folder.resolve("CONTRIBUTING.md")))
                .findFirst()
                .orElseThrow();
    }
}
