package io.github.dl4jngd.ui;

import io.github.dl4jngd.dashboard.internal.Answer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.deeplearning4j.ui.api.I18N;
import org.deeplearning4j.ui.i18n.DefaultI18N;

/** What the page has around it in Deeplearning4j's UI: the way back to the UI's own pages, in its language. */
final class Shell {

    /** The path of the shell's style sheet, below that of the page. */
    static final String STYLE = "tab.css";

    private final Answer style;

    /**
     * Reads the style sheet.
     *
     * @throws IOException when it is missing
     */
    Shell() throws IOException {
        try (InputStream in = Shell.class.getResourceAsStream(STYLE)) {
            if (in == null) {
                throw new FileNotFoundException("The class path has no " + STYLE + ", which the tab is made of");
            }
            style = new Answer("text/css; charset=utf-8", in.readAllBytes());
        }
    }

    Answer style() {
        return style;
    }

    /**
     * Puts the shell around the page.
     *
     * @param language of the words, such as {@code en}
     */
    Answer around(Answer page, String language) {
        I18N words = DefaultI18N.getInstance();
        StringBuilder bar = new StringBuilder("<nav id=\"dl4j\"><b>")
                .append(text(words.getMessage(language, "train.pagetitle")))
                .append("</b>");
        for (String each : List.of("overview", "model", "system")) {
            String word = text(words.getMessage(language, "train.nav." + each));
            bar.append("<a href=\"../").append(each).append("\">").append(word).append("</a>");
        }
        bar.append("<a href=\"\" aria-current=\"page\">Sharpness</a></nav>");
        String html = new String(page.bytes(), StandardCharsets.UTF_8);
        int headEnd = html.indexOf("</head>");
        int bodyStart = html.indexOf('>', html.indexOf("<body")) + 1;
        String whole = html.substring(0, headEnd)
                + "  <link rel=\"stylesheet\" href=\"" + STYLE + "\">\n"
                + html.substring(headEnd, bodyStart) + "\n  " + bar + html.substring(bodyStart);
        return new Answer(page.type(), whole.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String word) {
        return NavigationEntry.plain(word)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace("\"", "&quot;");
    }
}
