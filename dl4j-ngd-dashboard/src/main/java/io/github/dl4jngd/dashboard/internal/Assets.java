package io.github.dl4jngd.dashboard.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The files that the page is made of, by the paths that they are asked for. There are no others. */
final class Assets {

    private static final String WEB_JAR = "/META-INF/resources/webjars/uplot/";

    private final Map<String, Answer> byPath;
    private final String version;

    /**
     * Reads all files from the class path.
     *
     * @throws IOException when one is missing
     */
    Assets() throws IOException {
        Properties versions = new Properties();
        try (InputStream in = open("version.properties")) {
            versions.load(in);
        }
        version = versions.getProperty("project");
        String chart = WEB_JAR + versions.getProperty("uplot") + "/dist/";
        byPath = Map.of(
                "", asset("text/html; charset=utf-8", "dashboard.html"),
                "dashboard.css", asset("text/css; charset=utf-8", "dashboard.css"),
                "dashboard.js", asset("text/javascript; charset=utf-8", "dashboard.js"),
                "charts.js", asset("text/javascript; charset=utf-8", "charts.js"),
                "icon.svg", asset("image/svg+xml", "icon.svg"),
                "uplot.css", asset("text/css; charset=utf-8", chart + "uPlot.min.css"),
                "uplot.js", asset("text/javascript; charset=utf-8", chart + "uPlot.iife.min.js"));
    }

    private static InputStream open(String name) throws IOException {
        InputStream in = Assets.class.getResourceAsStream(name);
        if (in == null) {
            throw new FileNotFoundException("The class path has no " + name + ", which the page is made of");
        }
        return in;
    }

    private static Answer asset(String type, String name) throws IOException {
        try (InputStream in = open(name)) {
            return new Answer(type, in.readAllBytes());
        }
    }

    /** The file of a path; empty where the page has none. */
    Optional<Answer> at(String path) {
        return Optional.ofNullable(byPath.get(path));
    }

    /** The version of this library. */
    String version() {
        return version;
    }
}
