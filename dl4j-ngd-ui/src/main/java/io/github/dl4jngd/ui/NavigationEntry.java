package io.github.dl4jngd.ui;

import java.lang.reflect.Field;
import java.util.Map;
import org.deeplearning4j.ui.i18n.DefaultI18N;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tab's entry in the navigation bar of Deeplearning4j's pages. The bar is written out in their templates, which
 * have no place for others. But its words are put there as they are, so the entry follows the last word, in each
 * language. Words of a file would be replaced by Deeplearning4j's where its jar comes later on the class path.
 */
final class NavigationEntry {

    private static final Logger log = LoggerFactory.getLogger(NavigationEntry.class);

    /** The last word of the bar. */
    private static final String LAST = "train.nav.system";

    private static final String BEFORE = "</a></li><li class=\"nav-item\"><a class=\"nav-link\" href=\"";
    private static final String AFTER = "\"><i class=\"nav-icon cui-dashboard\"></i>Sharpness";

    private NavigationEntry() {}

    /**
     * Adds it, or replaces that of a UI before. Where that cannot be done, the log has the address of the page.
     *
     * @param address of the page, as the UI's pages name it
     */
    static void add(String address) {
        try {
            Field field = DefaultI18N.class.getDeclaredField("messagesByLanguage");
            field.setAccessible(true);
            // the pages of all sessions have their words from here
            for (Object each : ((Map<?, ?>) field.get(DefaultI18N.getInstance())).values()) {
                @SuppressWarnings("unchecked") // words by their names, in one language
                Map<String, String> language = (Map<String, String>) each;
                language.computeIfPresent(LAST, (key, word) -> plain(word) + BEFORE + address + AFTER);
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            log.warn(
                    "The page Sharpness is at {} of Deeplearning4j's UI, whose navigation bar takes no entry",
                    address,
                    e);
        }
    }

    /** A word of the bar without the entry. */
    static String plain(String word) {
        int end = word.indexOf(BEFORE);
        return end < 0 ? word : word.substring(0, end);
    }
}
