package io.github.dl4jngd.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.junit.jupiter.api.Assumptions;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A real Chromium, without a window. Tests that need one are skipped where there is none, and fail where
 * {@code CI_REQUIRES_BROWSER=true} says that there has to be one.
 */
public final class Browser implements AutoCloseable {

    private static final List<String> BROWSERS = List.of(
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    private static final List<String> DRIVERS =
            List.of("/usr/bin/chromedriver", "/usr/lib/chromium-browser/chromedriver", "/usr/local/bin/chromedriver");
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Starts one, or has the test skipped where this machine has none. */
    public static Browser start(String... more) {
        Optional<Path> browser = first("NGD_BROWSER", BROWSERS);
        Optional<Path> service = first("NGD_BROWSER_DRIVER", DRIVERS);
        if (browser.isEmpty() || service.isEmpty()) {
            String missing = "This machine has no " + (browser.isEmpty() ? "Chromium" : "driver for its Chromium")
                    + "; on Debian: apt-get install chromium chromium-driver. Elsewhere NGD_BROWSER and "
                    + "NGD_BROWSER_DRIVER say where they are";
            assertThat(System.getenv("CI_REQUIRES_BROWSER")).as(missing).isNotEqualTo("true");
            Assumptions.abort(missing);
        }
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser.orElseThrow().toString());
        options.addArguments(
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-device-scale-factor=1");
        options.addArguments("--disable-background-networking", "--no-first-run", "--disable-gpu", "--lang=en");
        options.addArguments(more);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService driver = new ChromeDriverService.Builder()
                .usingDriverExecutable(service.orElseThrow().toFile())
                .usingAnyFreePort()
                .build();
        return new Browser(new ChromeDriver(driver, options));
    }

    private static Optional<Path> first(String variable, List<String> usual) {
        String told = System.getenv(variable);
        return (told == null ? usual : List.of(told))
                .stream().map(Path::of).filter(Files::isExecutable).findFirst();
    }

    public ChromeDriver driver() {
        return driver;
    }

    public void open(URI address) {
        driver.get(address.toString());
    }

    /** Sets the size of what the page sees, in pixels of its own. */
    public void size(int width, int height) {
        driver.manage().window().setSize(new Dimension(Math.max(500, width), height));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    public void dark(boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** The page as a picture, as far down as it goes. */
    public byte[] picture() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    public Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    public String text(String id) {
        return (String) run("return document.getElementById(arguments[0]).textContent", id);
    }

    /** What the body says of itself, such as {@code readings}. */
    public String data(String name) {
        return (String) run("return document.body.dataset[arguments[0]] || ''", name);
    }

    /** Waits until something is so. */
    public <T> T await(String what, Supplier<T> value, Predicate<T> expected) {
        long end = System.nanoTime() + LONGEST.toNanos();
        T found = value.get();
        while (!expected.test(found) && System.nanoTime() < end) {
            Pause.briefly();
            found = value.get();
        }
        assertThat(found).as(what + ", within " + LONGEST.toSeconds() + " s").matches(expected);
        return found;
    }

    public String awaitData(String name, String expected) {
        return await("data-" + name + " is " + expected, () -> data(name), expected::equals);
    }

    public String awaitText(String id, Predicate<String> expected) {
        return await("text of " + id, () -> text(id), expected);
    }

    /** What the page complained about since the last time: exceptions, refusals by its rules, failed files. */
    public List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .filter(message -> !message.contains("getImageData")) // the tests read pixels, not the page
                .toList();
    }

    /** The addresses that the page asked for since the last time. */
    public List<String> requests() {
        List<String> addresses = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            JsonNode message = message(entry);
            if (message.path("method").asText().equals("Network.requestWillBeSent")) {
                addresses.add(message.at("/params/request/url").asText());
            }
        }
        return addresses;
    }

    private static JsonNode message(LogEntry entry) {
        try {
            return new ObjectMapper().readTree(entry.getMessage()).path("message");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(entry.getMessage(), e);
        }
    }

    /** Colour of a place in a chart's canvas, as [red, green, blue, opacity]; places are shares of the drawn part. */
    public List<Long> pixel(String chart, double across, double down) {
        @SuppressWarnings("unchecked")
        List<Long> color = (List<Long>) run(
                """
                const figure = document.getElementById(arguments[0]);
                const canvas = figure.querySelector('canvas');
                const over = figure.querySelector('.u-over');
                const scale = canvas.width / canvas.clientWidth;
                const at = (share, offset, size) => Math.round(scale * (offset + share * size));
                const x = at(arguments[1], over.offsetLeft, over.clientWidth);
                const y = at(arguments[2], over.offsetTop, over.clientHeight);
                return Array.from(canvas.getContext('2d').getImageData(x, y, 1, 1).data);
                """,
                chart,
                across,
                down);
        return color;
    }

    /** How many points of a chart's canvas have nearly a colour. */
    public long count(String chart, int red, int green, int blue) {
        return (Long) run(
                """
                const canvas = document.getElementById(arguments[0]).querySelector('canvas');
                const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                let count = 0;
                for (let i = 0; i < data.length; i += 4) {
                  const off = Math.abs(data[i] - arguments[1]) + Math.abs(data[i + 1] - arguments[2])
                    + Math.abs(data[i + 2] - arguments[3]);
                  count += off < 40 && data[i + 3] > 200 ? 1 : 0;
                }
                return count;
                """,
                chart,
                red,
                green,
                blue);
    }

    @Override
    public void close() {
        driver.quit();
    }
}
