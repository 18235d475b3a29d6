package io.github.dl4jngd.site;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * Finds links of a static site that lead nowhere.
 *
 * <p>A link to another site is not followed. Every other one must name a file of the site, and an anchor must be there
 * in it. A link that starts with a slash is dead too: the site is to work from a file and below any address.
 */
public final class Links {

    /** The Javadoc tool's own page of constants, whose table of contents has anchors that the tool does not write. */
    private static final String CONSTANTS = "constant-values.html";

    private final Path site;
    /** The anchors of each page, by its path from the root of the site. */
    private final Map<Path, Set<String>> anchors = new HashMap<>();

    private Links(Path site) {
        this.site = site;
    }

    /**
     * Checks a site.
     *
     * @param arguments the folder of the site
     * @throws IOException if a page cannot be read
     * @throws IllegalStateException if there are dead links; its message names every one and its page
     */
    public static void main(String[] arguments) throws IOException {
        List<String> dead = dead(Path.of(arguments[0]));
        if (!dead.isEmpty()) {
            throw new IllegalStateException("Dead links in the site:\n" + String.join("\n", dead));
        }
    }

    /**
     * Lists the dead links of a site.
     *
     * @param site the folder of the site
     * @return one line for each, with the page, the link and what is missing
     * @throws IOException if a page cannot be read
     */
    static List<String> dead(Path site) throws IOException {
        return new Links(site.normalize()).dead();
    }

    private List<String> dead() throws IOException {
        Map<Path, Set<String>> links = new HashMap<>();
        try (Stream<Path> files = Files.walk(site)) {
            for (Path page : files.filter(file -> file.toString().endsWith(".html"))
                    .sorted()
                    .toList()) {
                read(page, links);
            }
        }
        if (links.isEmpty()) {
            return List.of(site + ": has no page");
        }
        List<String> dead = new ArrayList<>();
        links.keySet().stream()
                .sorted()
                .forEach(page -> links.get(page).stream().sorted().forEach(link -> {
                    String missing = missing(page, link);
                    if (!missing.isEmpty()) {
                        dead.add(site.relativize(page) + ": " + link + ": " + missing);
                    }
                }));
        return dead;
    }

    private void read(Path page, Map<Path, Set<String>> links) throws IOException {
        Document document = Jsoup.parse(Files.readString(page, StandardCharsets.UTF_8));
        Set<String> here = new HashSet<>();
        for (Element element : document.select("[id], a[name]")) {
            here.add(element.id());
            here.add(element.attr("name"));
        }
        anchors.put(page, here);
        Set<String> there = new HashSet<>();
        for (Element element : document.select("[href], [src]")) {
            there.add(element.hasAttr("href") ? element.attr("href") : element.attr("src"));
        }
        links.put(page, there);
    }

    /** Says what a link of a page lacks; the empty text where it holds. */
    private String missing(Path page, String link) {
        URI uri;
        try {
            uri = new URI(link);
        } catch (URISyntaxException e) {
            return "no address: " + e.getReason();
        }
        if (uri.getScheme() != null) {
            return "";
        }
        String path = uri.getPath();
        if (link.startsWith("/")) {
            return "is not relative";
        }
        Path target = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        if (!Files.isRegularFile(target)) {
            return "no such file";
        }
        String anchor = uri.getFragment();
        if (anchor == null || anchor.isEmpty() || !target.toString().endsWith(".html")) {
            return "";
        }
        if (page.endsWith(CONSTANTS)) {
            return "";
        }
        return anchors.getOrDefault(target, Set.of()).contains(anchor) ? "" : "no such anchor";
    }
}
