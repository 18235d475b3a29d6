package io.github.dl4jngd.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinksTest {

    @TempDir
    private Path site;

    @Test
    void linksThatHold() throws IOException {
        page("index.html", "<h1 id='top'>A</h1><a href='#top'>1</a><a href='sub/b.html#part%20two'>2</a>");
        page(
                "sub/b.html",
                "<h2 id='part two'>B</h2><a href='../index.html'>3</a><a href='https://example.org/x'>4</a>");
        assertThat(Links.dead(site)).isEmpty();
    }

    @Test
    void everyDeadLinkIsNamed() throws IOException {
        page(
                "index.html",
                "<a href='gone.html'>1</a><a href='b.html#gone'>2</a><img src='gone.png'><a href='/b.html'>3</a>");
        page("b.html", "<p id='here'></p>");
        assertThat(Links.dead(site))
                .containsExactly(
                        "index.html: /b.html: is not relative",
                        "index.html: b.html#gone: no such anchor",
                        "index.html: gone.html: no such file",
                        "index.html: gone.png: no such file");
        assertThatThrownBy(() -> Links.main(new String[] {site.toString()}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gone.png");
    }

    @Test
    void aSiteWithoutPagesIsNoSite() throws IOException {
        assertThat(Links.dead(site)).singleElement().asString().endsWith("has no page");
    }

    private void page(String name, String body) throws IOException {
        Path page = site.resolve(name);
        Files.createDirectories(page.getParent());
        Files.writeString(page, "<!DOCTYPE html><html><body>" + body + "</body></html>");
    }
}
