package io.github.dl4jngd.dashboard.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page and its readings, by the paths that they are asked for, whichever server carries them. It knows a fixed map
 * of paths, none of which is made into a file's name. The page asks for what it needs relative to where it is itself,
 * so that a server may have it at any path that ends with a slash. Safe for several threads.
 */
public final class Page {

    private static final String RUNS = "api/runs";
    private static final Pattern RUN = Pattern.compile(RUNS + "/(\\d{1,9})");
    private static final Pattern QUERY = Pattern.compile("after=([^&=]{0,200})");

    private final Assets assets;
    private final Api api;

    private Page(Runs runs) throws IOException {
        assets = new Assets();
        api = new Api(runs, Long.toHexString(new SecureRandom().nextLong()), assets.version());
    }

    /**
     * The page of the runs in a folder.
     *
     * @param folder where the runs are
     * @return the page
     * @throws IOException when it is no folder or cannot be read, or a part of the page is missing
     */
    public static Page of(Path folder) throws IOException {
        return new Page(new RunFolder(folder));
    }

    /**
     * The page of runs that somebody else finds.
     *
     * @param place where they are, for people
     * @param sources asked now and then for all runs that there are, by names; each has one source, always the same
     * @return the page
     * @throws IOException when a part of the page is missing
     */
    public static Page of(String place, Supplier<Map<String, RunSource>> sources) throws IOException {
        return new Page(new GivenRuns(place, sources));
    }

    /**
     * The headers of every answer: nothing from elsewhere, no frames, nothing that is kept.
     *
     * @return from name to value
     */
    public static Map<String, String> rules() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
                        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("X-Frame-Options", "DENY");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put("Cache-Control", "no-store");
        return headers;
    }

    /**
     * What is at a path.
     *
     * @param path below that of the page, undecoded, without a slash before it; empty for the page itself
     * @param query undecoded; empty where there is none
     * @return empty where there is nothing
     * @throws IOException when readings cannot be told
     */
    public Optional<Answer> at(String path, String query) throws IOException {
        Optional<Answer> asset = assets.at(path);
        if (asset.isPresent()) {
            return asset;
        }
        if (path.equals(RUNS)) {
            return Optional.of(json(api.runs()));
        }
        Matcher number = RUN.matcher(path);
        if (!number.matches()) {
            return Optional.empty();
        }
        Matcher after = QUERY.matcher(query);
        return api.run(Integer.parseInt(number.group(1)), after.matches() ? Cursor.of(after.group(1)) : Cursor.NOTHING)
                .map(Page::json);
    }

    private static Answer json(byte[] bytes) {
        return new Answer("application/json", bytes);
    }
}
