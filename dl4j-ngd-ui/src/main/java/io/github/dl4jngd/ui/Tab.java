package io.github.dl4jngd.ui;

import io.github.dl4jngd.dashboard.internal.Answer;
import io.github.dl4jngd.dashboard.internal.Page;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.AsyncResult;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.ui.api.HttpMethod;
import org.deeplearning4j.ui.api.I18N;
import org.deeplearning4j.ui.api.Route;
import org.deeplearning4j.ui.i18n.DefaultI18N;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests for the page at {@code /train/sharpness/}, or at {@code /train/SESSION/sharpness/} where each
 * session has pages of its own. What takes time is done on a worker's thread and not on that of Vert.x's events.
 */
final class Tab {

    private static final String SESSION = "sessionId";
    private static final String ROUTE = "/train/sharpness";
    private static final String ROUTE_OF_SESSION = "/train/:" + SESSION + "/sharpness";

    private static final Logger log = LoggerFactory.getLogger(Tab.class);

    private final StoredRuns runs;
    private final Page page;
    private final Shell shell;
    private final String route;

    /**
     * The page of some runs.
     *
     * @throws IOException when a part of the page is missing
     */
    Tab(StoredRuns runs, boolean multiSession) throws IOException {
        this.runs = runs;
        route = multiSession ? ROUTE_OF_SESSION : ROUTE;
        page = Page.of("the storages that are attached to Deeplearning4j’s UI", runs);
        shell = new Shell();
    }

    /** Where the page is. */
    static String path() {
        return ROUTE + "/";
    }

    /** Where the UI's pages have it; those of a session have it beside them. */
    String link() {
        return route.equals(ROUTE) ? path() : "sharpness";
    }

    /** Where the page is among those of a session, and shows its run first. */
    static String path(String session) {
        return "/train/" + encoded(session) + "/sharpness/?run=" + encoded(session);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The page, and what is below it. */
    List<Route> routes() {
        return Stream.of(route, route + "/*")
                .map(each -> new Route(each, HttpMethod.GET, (arguments, context) -> answer(context)))
                .toList();
    }

    private void answer(RoutingContext context) {
        HttpServerResponse response = context.response();
        Page.rules().forEach(response::putHeader);
        String path = below(context.normalisedPath());
        String query = context.request().query();
        String session = context.pathParam(SESSION);
        if (path.isEmpty()) {
            String to = session == null ? path() : path(session);
            response.setStatusCode(HttpResponseStatus.FOUND.code())
                    .putHeader("Location", to)
                    .end();
            return;
        }
        context.vertx()
                .<Optional<Answer>>executeBlocking(
                        promise -> find(path.substring(1), query == null ? "" : query, session, promise),
                        false,
                        found -> send(found, response));
    }

    /** What of a path is below that of the page: empty, or with a slash before it. */
    private String below(String path) {
        int at = 0;
        for (int slashes = (int) route.chars().filter(each -> each == '/').count(); slashes > 0 && at >= 0; slashes--) {
            at = path.indexOf('/', at + 1);
        }
        return at < 0 ? "" : path.substring(at);
    }

    private void find(String path, String query, String session, Promise<Optional<Answer>> promise) {
        try {
            promise.complete(path.equals(Shell.STYLE) ? Optional.of(shell.style()) : inShell(path, query, session));
        } catch (IOException | RuntimeException | LinkageError | StackOverflowError e) {
            promise.fail(e);
        }
    }

    private Optional<Answer> inShell(String path, String query, String session) throws IOException {
        Optional<Answer> found = page.at(path, query);
        return path.isEmpty() ? found.map(answer -> shell.around(answer, language(session))) : found;
    }

    /** The UI keeps a language for each session that is asked for; one that there is not gets none. */
    private String language(String session) {
        I18N words =
                session != null && runs.has(session) ? DefaultI18N.getInstance(session) : DefaultI18N.getInstance();
        return words.getDefaultLanguage();
    }

    private static void send(AsyncResult<Optional<Answer>> result, HttpServerResponse response) {
        if (response.closed()) {
            return;
        }
        if (result.failed()) {
            log.debug("A request failed", result.cause());
            refuse(response, HttpResponseStatus.INTERNAL_SERVER_ERROR);
        } else if (result.result().isEmpty()) {
            refuse(response, HttpResponseStatus.NOT_FOUND);
        } else {
            Answer answer = result.result().get();
            response.putHeader("Content-Type", answer.type()).end(Buffer.buffer(answer.bytes()));
        }
    }

    private static void refuse(HttpServerResponse response, HttpResponseStatus status) {
        response.setStatusCode(status.code())
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(status.reasonPhrase() + "\n");
    }
}
