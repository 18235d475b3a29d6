package io.github.dl4jngd.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Lays the project's documents out as the generator of the site wants them.
 *
 * <p>In the repository a document links to files by relative paths, so that they work where the repository is read. The
 * site has all pages in one folder: links between pages are made relative to it, and links to other files of the
 * project lead to the repository on the web.
 */
public final class Pages {

    /** A link or picture of Markdown, {@code ](target)}, or of HTML, {@code src="target"}. */
    private static final Pattern LINK = Pattern.compile(
            "(?<before>]\\(|(?:src|href)=\")(?<target>[^)\\s\"#]+)(?<anchor>#[^)\\s\"]*)?(?<after>[)\"])");

    /** A heading below the title. */
    private static final Pattern HEADING = Pattern.compile("#{2,6} +(?<text>.*?)[ #]*");

    /** A code span with an escaped bar, as rows of tables need it. */
    private static final Pattern CODE_WITH_BAR = Pattern.compile("`([^`]*\\\\\\|[^`]*)`");

    /** The pages that documents outside {@code docs} become. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "README.md", "index.md",
            "ARCHITECTURE.md", "architecture.md",
            "CHANGELOG.md", "changelog.md",
            "CONTRIBUTING.md", "contributing.md",
            "examples/README.md", "examples.md");

    private final Path root;
    private final String repository;
    /** The page or resource of the site that each file of the project becomes, by the file's path. */
    private final Map<Path, String> names = new HashMap<>();

    private Pages(Path root, String repository) throws IOException {
        this.root = root;
        this.repository = repository;
        ELSEWHERE.forEach((document, name) -> names.put(Path.of(document), name));
        try (Stream<Path> documents = Files.list(root.resolve("docs"))) {
            for (Path document : documents.toList()) {
                String name = document.getFileName().toString();
                names.put(root.relativize(document), name.equals("README.md") ? "guide.md" : name);
            }
        }
    }

    /**
     * Writes the pages, replacing what is there.
     *
     * @param arguments the project's root, the folder to write, and the address under which the repository's files are
     *     read
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]).toRealPath();
        new Pages(root, arguments[2]).write(Path.of(arguments[1]));
    }

    private void write(Path target) throws IOException {
        Files.createDirectories(target.resolve("markdown"));
        for (Map.Entry<Path, String> entry : new TreeMap<>(names).entrySet()) {
            Path source = entry.getKey();
            String name = entry.getValue();
            if (name.endsWith(".md")) {
                Files.writeString(
                        target.resolve("markdown").resolve(name), page(source, Files.readString(root.resolve(source))));
            } else {
                copy(root.resolve(source), target.resolve("resources").resolve(name));
            }
        }
        Path design = root.resolve("site/src/site");
        try (Stream<Path> files = Files.walk(design)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                copy(file, target.resolve(design.relativize(file).toString()));
            }
        }
    }

    private static void copy(Path source, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        Files.write(target, Files.readAllBytes(source));
    }

    /**
     * Returns a document as the generator wants it: with its links as the site needs them, with anchors before its
     * headings that are named as the repository's own pages name them, and with the bars in code of tables in a form
     * that the generator reads as it should.
     *
     * @param document the document's path, from the root
     * @param text its Markdown
     */
    private String page(Path document, String text) {
        StringBuilder page = new StringBuilder();
        boolean code = false;
        for (String line : text.lines().toList()) {
            code ^= line.startsWith("```");
            page.append(code ? line : line(document, line)).append('\n');
        }
        return page.toString();
    }

    private String line(Path document, String line) {
        Matcher heading = HEADING.matcher(line);
        if (heading.matches()) {
            return "<a id=\"" + anchor(heading.group("text")) + "\"></a>\n\n" + line;
        }
        String linked = LINK.matcher(line).replaceAll(link -> Matcher.quoteReplacement(link(document, link)));
        if (!line.startsWith("|")) {
            return linked;
        }
        return CODE_WITH_BAR.matcher(linked).replaceAll(code -> Matcher.quoteReplacement(codeWithBar(code.group(1))));
    }

    private static String codeWithBar(String code) {
        return "<code>"
                + code.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\\|", "&#124;")
                + "</code>";
    }

    /** Returns the name that a heading's anchor has in the repository's own pages. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\p{M}_\\- ]", "")
                .replace(' ', '-');
    }

    private String link(Path document, MatchResult link) {
        String anchor = link.group(3) == null ? "" : link.group(3);
        return link.group(1) + target(document, link.group(2)) + anchor + link.group(4);
    }

    private String target(Path document, String target) {
        if (target.matches("[a-z]+:.*")) {
            return target;
        }
        Path file =
                root.relativize(root.resolve(document).resolveSibling(target).normalize());
        String name = names.get(file);
        return name != null ? name : repository + file.toString().replace('\\', '/');
    }
}
