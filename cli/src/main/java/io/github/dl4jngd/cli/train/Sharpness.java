package io.github.dl4jngd.cli.train;

import io.github.dl4jngd.cli.report.Numbers;
import io.github.dl4jngd.cli.report.RunDirectory;
import io.github.dl4jngd.datasets.Layout;
import io.github.dl4jngd.spectral.Minibatch;
import io.github.dl4jngd.spectral.listener.FisherSpectrumListener;
import io.github.dl4jngd.spectral.listener.IsotropyListener;
import io.github.dl4jngd.spectral.sink.MemorySink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** What {@code --sharpness} and {@code --live} add to a run: λ_max beside the rate, a natural gradient's isotropy. */
final class Sharpness implements AutoCloseable {

    /**
     * Perceptrons are read at this many images; convolutional networks, whose linearisations are large, on one
     * minibatch.
     */
    private static final int PROBE = 512;

    /** Steps of a natural gradient cost nothing to read: the page has more of them. */
    private static final int ISOTROPY_LIVE = 10;

    private final String method;
    private final MemorySink memory = new MemorySink();
    private final FisherSpectrumListener spectrum;
    private final IsotropyListener isotropy;

    private Sharpness(TrainingPlan plan, RunDirectory directory) {
        this.method = plan.method().name();
        FisherSpectrumListener.Builder builder = FisherSpectrumListener.builder()
                .every(plan.sharpnessEvery())
                .probe(probe(plan))
                .memory(memory)
                .jsonLines(directory.file("sharpness-" + method + ".jsonl"))
                .csv(directory.file("sharpness-" + method + ".csv"))
                .png(
                        directory.file("sharpness-" + method + ".png"),
                        method + ", learning rate " + plan.learningRate()
                                + ": largest eigenvalue of the Fisher information matrix");
        this.spectrum = (plan.live() ? builder.perLayer() : builder).build();
        this.isotropy = plan.method() instanceof NaturalGradientMethod
                ? IsotropyListener.builder()
                        .every(plan.live() ? Math.min(ISOTROPY_LIVE, plan.sharpnessEvery()) : plan.sharpnessEvery())
                        .jsonLines(directory.file("isotropy-" + method + ".jsonl"))
                        .csv(directory.file("isotropy-" + method + ".csv"))
                        .png(directory.file("isotropy-" + method + ".png"), method + ": steps of the natural gradient")
                        .build()
                : null;
    }

    /** Listens to a network if the plan says so; otherwise does nothing. */
    static Sharpness of(TrainingPlan plan, TrainingModel network, RunDirectory directory) {
        if (plan.sharpnessEvery() == 0) {
            return null;
        }
        Sharpness sharpness = new Sharpness(plan, directory);
        network.listen(sharpness.spectrum);
        if (sharpness.isotropy != null) {
            network.listen(sharpness.isotropy);
        }
        return sharpness;
    }

    /**
     * The first training images, in minibatches of training's size, whose statistics a batch normalisation then takes.
     */
    private static List<Minibatch> probe(TrainingPlan plan) {
        int count = plan.data().form().layout() == Layout.FLAT ? PROBE : plan.batchSize();
        DataSetIterator images = plan.data().limit(count).inOrder(Math.min(count, plan.batchSize()));
        List<Minibatch> probe = new ArrayList<>();
        while (images.hasNext()) {
            probe.add(Minibatch.of(images.next()));
        }
        return probe;
    }

    /** Seconds that training waited. */
    double seconds() {
        return spectrum.timeSpent().toNanos() / 1e9;
    }

    /** A line for the console. */
    String summary() {
        double[] largest = memory.readings().isEmpty() ? new double[0] : memory.series("lambda_max");
        if (largest.length == 0) {
            return method + ": no reading of the spectrum succeeded";
        }
        double[] ratio = Arrays.stream(memory.series("rate_over_boundary"))
                .filter(value -> !Double.isNaN(value))
                .toArray();
        return String.format(
                Locale.ROOT,
                "%s: λ_max from %s to %s, largest %s; the rate was beyond its updater's boundary in %d of %d readings%s; "
                        + "reading took %.1f s, which the seconds of training leave out.",
                method,
                Numbers.significant(largest[0]),
                Numbers.significant(largest[largest.length - 1]),
                Numbers.significant(Arrays.stream(largest).max().getAsDouble()),
                Arrays.stream(ratio).filter(value -> value > 1).count(),
                ratio.length,
                ratio.length == 0
                        ? ""
                        : ", at most "
                                + Numbers.significant(Arrays.stream(ratio).max().getAsDouble()) + " of it",
                seconds());
    }

    @Override
    public void close() {
        spectrum.close();
        if (isotropy != null) {
            isotropy.close();
        }
    }
}
