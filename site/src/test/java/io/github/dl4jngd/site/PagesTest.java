package io.github.dl4jngd.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PagesTest {

    @TempDir
    private Path folder;

    @Test
    void linksLeadToPagesOrToTheRepository() throws IOException {
        write(
                "README.md",
                "![x](docs/a.png) [g](docs/README.md) [t](docs/theory.md#loss) [l](LICENSE) <img src=\"docs/a.png\">");
        write("docs/README.md", "[r](../README.md) [a](../ARCHITECTURE.md) [n](../benchmarks/NOTES.md#x) [h](#here)");
        write(
                "docs/theory.md",
                """
                # Title
                ## DL4J 1.0.0-M1.1, `λ_max`
                [g](README.md#end) [w](https://example.org/README.md)
                | `f(A \\| B<C>)` | [g](README.md) |
                ```
                ## No heading: [g](README.md)
                ```
                """);
        write("docs/a.png", "picture");
        for (String document :
                new String[] {"ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/README.md"}) {
            write(document, "# " + document);
        }
        write("site/src/site/css/site.css", "style");

        Path target = folder.resolve("target");
        Pages.main(new String[] {folder.toString(), target.toString(), "https://example.org/blob/main/"});

        assertThat(target.resolve("markdown/index.md"))
                .hasContent("![x](a.png) [g](guide.md) [t](theory.md#loss) [l](https://example.org/blob/main/LICENSE)"
                        + " <img src=\"a.png\">");
        assertThat(target.resolve("markdown/guide.md"))
                .hasContent(
                        "[r](index.md) [a](architecture.md) [n](https://example.org/blob/main/benchmarks/NOTES.md#x)"
                                + " [h](#here)");
        assertThat(target.resolve("markdown/theory.md"))
                .hasContent(
                        """
                        # Title
                        <a id="dl4j-100-m11-λ_max"></a>

                        ## DL4J 1.0.0-M1.1, `λ_max`
                        [g](guide.md#end) [w](https://example.org/README.md)
                        | <code>f(A &#124; B&lt;C&gt;)</code> | [g](guide.md) |
                        ```
                        ## No heading: [g](README.md)
                        ```
                        """);
        assertThat(target.resolve("markdown/changelog.md")).hasContent("# CHANGELOG.md");
        assertThat(target.resolve("markdown/examples.md")).hasContent("# examples/README.md");
        assertThat(target.resolve("resources/a.png")).hasContent("picture");
        assertThat(target.resolve("css/site.css")).hasContent("style");
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
