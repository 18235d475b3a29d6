package io.github.dl4jngd.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downloads a file into place, or not at all.
 *
 * <p>Bytes go to {@code NAME.part}. Only after the checksum was found right is that file moved to its name, atomically;
 * so a file under its own name is complete. A part left by an interrupted run is continued (HTTP Range) where the
 * server allows it, and thrown away where the result has the wrong checksum. Mirrors are tried in turn.
 */
final class Downloader {

    private static final Logger LOG = LoggerFactory.getLogger(Downloader.class);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (?:(\\d+)-\\d+|\\*)/(\\d+|\\*)");
    /** One mirror is left after so many attempts that brought no byte, or so many in all. */
    private static final int FRUITLESS_ATTEMPTS = 2;

    private static final int MOST_ATTEMPTS = 20;
    private static final int BUFFER = 1 << 16;

    /**
     * How long a mirror may take before the next one is asked.
     *
     * @param connect until a connection stands
     * @param response until the answer's header is there, name resolution and connection included
     * @param stall without a byte of the body
     */
    record Limits(Duration connect, Duration response, Duration stall) {
        static final Limits DEFAULT = new Limits(Duration.ofSeconds(4), Duration.ofSeconds(8), Duration.ofSeconds(30));
    }

    /** The disk's fault, not a mirror's. */
    private static final class TargetException extends IOException {
        private static final long serialVersionUID = 1L;

        TargetException(String message, IOException cause) {
            super(message, cause);
        }
    }

    /** A mirror that does not answer, or whose answer would be the same again. */
    private static final class UnavailableException extends IOException {
        private static final long serialVersionUID = 1L;

        UnavailableException(String message) {
            super(message);
        }

        UnavailableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final Limits limits;
    private final boolean progress;
    private final HttpClient client;

    Downloader(Limits limits, boolean progress) {
        this.limits = limits;
        this.progress = progress;
        this.client = HttpClient.newBuilder()
                .connectTimeout(limits.connect())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    /**
     * Downloads a file.
     *
     * @param folder an existing folder
     * @throws IOException where no mirror delivers the right bytes (the message has each mirror's reason) or the folder
     *     cannot be written
     */
    void download(RemoteFile file, Path folder) throws IOException {
        Path part = folder.resolve(file.name() + ".part");
        List<String> reasons = new ArrayList<>();
        for (URI mirror : file.mirrors()) {
            try {
                download(file, mirror, part);
                Files.move(part, folder.resolve(file.name()), StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (InterruptedIOException | TargetException e) {
                throw e;
            } catch (IOException e) {
                throwIfInterrupted(e);
                LOG.debug("{} failed", mirror, e);
                reasons.add(mirror + ": " + reason(e));
            }
        }
        throw new IOException(String.join("; ", reasons));
    }

    private void download(RemoteFile file, URI mirror, Path part) throws IOException {
        int fruitless = 0;
        for (int attempt = 1; ; attempt++) {
            long before = size(part);
            try {
                transfer(file, mirror, part, before);
            } catch (TargetException | UnavailableException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                fruitless += size(part) > before ? 0 : 1;
                if (fruitless == FRUITLESS_ATTEMPTS || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
                continue;
            }
            try {
                file.checksum().verify(part, mirror.toString(), file.maxBytes());
                return;
            } catch (MalformedDataException e) {
                Files.delete(part);
                if (before == 0 || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
                // What was there before may have been the damaged part: once more from the start.
            }
        }
    }

    private void transfer(RemoteFile file, URI mirror, Path part, long have) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(mirror).timeout(limits.response());
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> response = send(request.build());
        try (InputStream in = response.body()) {
            Matcher range = CONTENT_RANGE.matcher(
                    response.headers().firstValue("Content-Range").orElse(""));
            long from;
            switch (response.statusCode()) {
                case 200 -> from = 0;
                case 206 -> {
                    if (!range.matches() || !Long.toString(have).equals(range.group(1))) {
                        Files.deleteIfExists(part);
                        throw new IOException("answered with a range that was not asked for");
                    }
                    from = have;
                }
                case 416 -> {
                    if (range.matches() && range.group(2).equals(Long.toString(have))) {
                        return; // all of it is here already
                    }
                    Files.deleteIfExists(part);
                    throw new IOException("HTTP status 416");
                }
                default -> throw new UnavailableException("HTTP status " + response.statusCode());
            }
            long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            long total = length < 0 ? -1 : from + length;
            checkSpace(file, part, total, length);
            copy(file, in, part, from, total);
        }
    }

    private void copy(RemoteFile file, InputStream in, Path part, long from, long total) throws IOException {
        StandardOpenOption how = from > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
        long done = from;
        try (StallGuard guard = new StallGuard(in, limits.stall());
                OutputStream out = openPart(part, how);
                ProgressBar bar = progress ? bar(file, from, total) : null) {
            byte[] buffer = new byte[BUFFER];
            while (true) {
                int read = read(in, buffer, guard);
                if (read < 0) {
                    break;
                }
                guard.progress();
                done += read;
                if (done > file.maxBytes()) {
                    throw new UnavailableException("sends more than " + file.maxBytes() + " bytes");
                }
                write(out, buffer, read, part);
                if (bar != null) {
                    bar.stepTo(done);
                }
            }
        }
        if (total >= 0 && done != total) {
            throw new IOException("the connection ended after " + done + " of " + total + " bytes");
        }
    }

    private int read(InputStream in, byte[] buffer, StallGuard guard) throws IOException {
        try {
            int read = in.read(buffer);
            if (read >= 0 || !guard.tripped()) {
                return read;
            }
        } catch (IOException e) {
            if (!guard.tripped()) {
                throw e;
            }
        }
        throw new IOException("nothing arrived for " + limits.stall().toSeconds() + " s");
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        var pending = client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        try {
            // The request's own time limit does not cover a name server that never answers.
            return pending.get(limits.response().toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
            throw interrupted(e);
        } catch (TimeoutException e) {
            pending.cancel(true);
            throw new UnavailableException(
                    "no answer within " + limits.response().toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new UnavailableException(reason(e.getCause()), e.getCause());
        }
    }

    private static void checkSpace(RemoteFile file, Path part, long total, long toCome) throws IOException {
        if (total > file.maxBytes()) {
            throw new UnavailableException("offers " + total + " bytes, more than " + file.maxBytes());
        }
        long space = Files.getFileStore(part.toAbsolutePath().getParent()).getUsableSpace();
        if (toCome > space) {
            throw new TargetException(
                    "no space for " + part + ": " + toCome + " bytes to come, " + space + " free", null);
        }
    }

    private static OutputStream openPart(Path part, StandardOpenOption how) throws TargetException {
        try {
            return Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
        } catch (IOException e) {
            throw new TargetException("cannot write " + part + ": " + e, e);
        }
    }

    private static void write(OutputStream out, byte[] buffer, int length, Path part) throws TargetException {
        try {
            out.write(buffer, 0, length);
        } catch (IOException e) {
            throw new TargetException("cannot write " + part + ": " + e, e);
        }
    }

    private static ProgressBar bar(RemoteFile file, long from, long total) {
        boolean large = total >= 10L << 20;
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(file.name())
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .setUnit(large ? " MiB" : " KiB", large ? 1L << 20 : 1L << 10)
                .setInitialMax(total)
                .build();
        bar.stepTo(from);
        return bar;
    }

    /** File channels tell of an interrupt by exceptions of other kinds. */
    static void throwIfInterrupted(IOException e) throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted(e);
        }
    }

    private static InterruptedIOException interrupted(Exception cause) {
        InterruptedIOException interrupted = new InterruptedIOException("interrupted while downloading");
        interrupted.initCause(cause);
        return interrupted;
    }

    private static long size(Path part) throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private static String reason(Throwable e) {
        if (e.getMessage() != null) {
            return e.getMessage();
        }
        String name = e.getClass().getSimpleName();
        return e.getCause() == null ? name : name + " (" + reason(e.getCause()) + ")";
    }
}
