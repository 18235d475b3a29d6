package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes checkpoints while a model with a natural gradient trains, and keeps the last ones and the best.
 *
 * <pre>{@code
 * net.addListeners(CheckpointListener.builder(folder).every(500).keepLast(3).keepBest().build());
 * …
 * NaturalGradient resumed = NaturalGradient.restore(CheckpointListener.latest(folder).orElseThrow());
 * }</pre>
 *
 * <p>Files are {@code checkpoint-ITERATION.zip} and {@code checkpoint-best.zip}, each what {@link
 * NaturalGradient#save} or {@link GradientRegularization#save} writes. One that cannot be written (a full disk) is
 * reported as an error, and training goes on with the earlier ones in place. Other files in the folder are never
 * touched.
 */
public final class CheckpointListener extends BaseTrainingListener {

    private static final Logger log = LoggerFactory.getLogger(CheckpointListener.class);

    private static final Pattern NUMBERED = Pattern.compile("checkpoint-\\d+\\.zip");

    /** The best checkpoint's name. */
    public static final String BEST = "checkpoint-best.zip";

    private final Path folder;
    private final int everyIterations;
    private final int everyEpochs;
    private final int keepLast;
    private final ToDoubleFunction<Model> loss;
    /** The best loss; NaN before the first look at an earlier run's. */
    private double best = Double.NaN;

    private int epochs;

    private CheckpointListener(Builder builder) {
        this.folder = builder.folder;
        this.everyIterations = builder.everyIterations;
        this.everyEpochs = builder.everyEpochs;
        this.keepLast = builder.keepLast;
        this.loss = builder.loss;
    }

    /**
     * A builder: a checkpoint at the end of every epoch, the last three kept, unless set otherwise.
     *
     * @param folder where checkpoints go; made if there is none
     * @return the builder
     */
    public static Builder builder(Path folder) {
        return new Builder(folder);
    }

    /**
     * The checkpoint written last that is complete and undamaged; the best one does not count.
     *
     * @param folder where checkpoints are
     * @return its path, or empty if there is none
     * @throws IOException when the folder cannot be read
     */
    public static Optional<Path> latest(Path folder) throws IOException {
        List<Path> files = numbered(folder);
        for (int i = files.size() - 1; i >= 0; i--) {
            try {
                CheckpointFile.read(files.get(i));
                return Optional.of(files.get(i));
            } catch (CheckpointException e) {
                log.warn("Passed over: {}", e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** Those with an iteration in their names, the one written last at the end. */
    private static List<Path> numbered(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(
                    folder,
                    file -> NUMBERED.matcher(file.getFileName().toString()).matches())) {
                stream.forEach(files::add);
            }
        }
        files.sort(Comparator.comparing(CheckpointListener::written)
                .thenComparing(file -> file.getFileName().toString().length())
                .thenComparing(file -> file.getFileName().toString()));
        return files;
    }

    private static FileTime written(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            // The file has been deleted meanwhile.
            return FileTime.fromMillis(0);
        }
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        if (everyIterations > 0 && (iteration + 1) % everyIterations == 0) {
            write(model, false);
        }
    }

    @Override
    public void onEpochEnd(Model model) {
        if (everyEpochs > 0 && ++epochs % everyEpochs == 0) {
            write(model, true);
        }
    }

    private void write(Model model, boolean epochEnded) {
        Optional<NaturalGradient> attached = NaturalGradient.attached(model);
        if (attached.isEmpty()) {
            if (UpdaterSlot.of(model).updaterIfPresent() instanceof PreconditionedUpdater) {
                // It is a worker's copy in a ParallelWrapper; another worker trains the model itself.
                return;
            }
            log.error("No checkpoint was written: the model has no natural gradient attached");
            return;
        }
        try {
            Files.createDirectories(folder);
            Path file = folder.resolve("checkpoint-" + attached.get().iterationsDone() + ".zip");
            double value = loss == null ? Double.NaN : loss.applyAsDouble(model);
            attached.get().save(file, epochEnded, value);
            dropOld(file);
            keepBest(value, file);
        } catch (IOException | RuntimeException e) {
            log.error(
                    "No checkpoint was written to {}, training goes on: {}. Earlier checkpoints are as they were",
                    folder,
                    e.toString());
        }
    }

    private void dropOld(Path newest) throws IOException {
        List<Path> files = numbered(folder);
        // The newest comes last, whatever the clock says.
        files.remove(newest);
        files.add(newest);
        for (Path old : files.subList(0, Math.max(0, files.size() - keepLast))) {
            Files.deleteIfExists(old);
        }
    }

    /** A copy of the file just written, made like it: complete or not there. An earlier run's best counts. */
    private void keepBest(double value, Path file) throws IOException {
        if (loss == null) {
            return;
        }
        Path bestFile = folder.resolve(BEST);
        if (Double.isNaN(best)) {
            best = earlierBest(bestFile);
        }
        if (value < best) {
            AtomicFile.write(bestFile, out -> Files.copy(file, out));
            best = value;
        }
    }

    private static double earlierBest(Path file) throws IOException {
        try {
            double value = Files.exists(file) ? Checkpoint.loss(file) : Double.NaN;
            return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
        } catch (CheckpointException e) {
            log.warn("The best checkpoint so far does not count: {}", e.getMessage());
            return Double.POSITIVE_INFINITY;
        }
    }

    /** Builds a {@link CheckpointListener}. */
    public static final class Builder {

        private static final int DEFAULT_KEPT = 3;

        private final Path folder;
        private int everyIterations;
        private int everyEpochs;
        private int keepLast = DEFAULT_KEPT;
        private ToDoubleFunction<Model> loss;

        private Builder(Path folder) {
            this.folder = Objects.requireNonNull(folder, "folder");
        }

        /**
         * A checkpoint after every n-th iteration.
         *
         * @param n at least 1
         * @return this builder
         */
        public Builder every(int n) {
            everyIterations = atLeastOne("every", n);
            return this;
        }

        /**
         * A checkpoint at the end of every n-th epoch.
         *
         * @param n at least 1
         * @return this builder
         */
        public Builder everyEpochs(int n) {
            everyEpochs = atLeastOne("everyEpochs", n);
            return this;
        }

        /**
         * How many are kept; 3 by default.
         *
         * @param n at least 1
         * @return this builder
         */
        public Builder keepLast(int n) {
            keepLast = atLeastOne("keepLast", n);
            return this;
        }

        /**
         * Keeps the checkpoint with the smallest score of its minibatch, too.
         *
         * @return this builder
         */
        public Builder keepBest() {
            return keepBest(Model::score);
        }

        /**
         * Keeps the checkpoint with the smallest loss, too.
         *
         * @param validationLoss computed at every checkpoint; must not train the model
         * @return this builder
         */
        public Builder keepBest(ToDoubleFunction<Model> validationLoss) {
            loss = Objects.requireNonNull(validationLoss, "validationLoss");
            return this;
        }

        private static int atLeastOne(String name, int n) {
            if (n < 1) {
                throw new IllegalArgumentException(name + " must be at least 1, was " + n);
            }
            return n;
        }

        /**
         * Builds the listener.
         *
         * @return the listener
         */
        public CheckpointListener build() {
            if (everyIterations == 0 && everyEpochs == 0) {
                everyEpochs = 1;
            }
            return new CheckpointListener(this);
        }
    }
}
