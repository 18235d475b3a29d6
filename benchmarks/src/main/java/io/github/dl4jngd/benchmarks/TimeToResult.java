package io.github.dl4jngd.benchmarks;

import io.github.dl4jngd.benchmarks.TrainingCurve.Point;
import io.github.dl4jngd.cli.Ngd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * How many seconds of training K-FAC needs for a result, and how many the best of Adam and Nesterov momentum, each at
 * the best of six rates. Every run is a process of its own, {@code ngd train} with its defaults, and its clock stands
 * while it evaluates. Rates are chosen by the first seed; what is reported are means over all seeds.
 */
public final class TimeToResult {

    private static final int SEEDS = 3;
    private static final int EVALUATE_EVERY = 20;
    private static final String SECOND_ORDER = "kfac";

    private static final Map<String, List<String>> RATES = Map.of(
            "adam", List.of("1e-4", "3e-4", "1e-3", "3e-3", "1e-2", "3e-2"),
            "nesterovs", List.of("1e-3", "3e-3", "1e-2", "3e-2", "1e-1", "3e-1"));

    private TimeToResult() {}

    /** Whether a point of a curve has the result; the other is the end of the best baseline. */
    private record Goal(String title, BiPredicate<Point, Point> reached) {

        static Goal accuracy(double share) {
            return new Goal(
                    String.format(Locale.ROOT, "test accuracy %.1f %%", 100 * share),
                    (point, end) -> point.testFit() >= share);
        }

        static Goal endLoss() {
            return new Goal(
                    "the test loss that the best baseline ends with",
                    (point, end) -> point.testLoss() <= end.testLoss());
        }

        static Goal endAccuracy() {
            return new Goal(
                    "the test accuracy that the best baseline ends with",
                    (point, end) -> point.testFit() >= end.testFit());
        }
    }

    /** What is trained, and which results count. */
    private record Job(String name, List<String> command, List<Goal> goals) {}

    private static final List<Job> JOBS = List.of(
            new Job(
                    "mnist-mlp",
                    List.of("mnist-mlp", "--batch", "128", "--epochs", "3"),
                    List.of(Goal.accuracy(0.975), Goal.accuracy(0.98))),
            new Job("mnist-autoencoder", List.of("mnist-autoencoder", "--epochs", "5"), List.of(Goal.endLoss())),
            new Job(
                    "cifar-resnet",
                    List.of("cifar-resnet", "--depth", "8", "--epochs", "3"),
                    List.of(Goal.endLoss(), Goal.endAccuracy())));

    /** A method at a rate; K-FAC has its default. */
    private record Candidate(String method, String rate) {
        @Override
        public String toString() {
            return rate.isEmpty() ? method : method + " " + rate;
        }
    }

    /**
     * Prints the table.
     *
     * @param args names of jobs; all where there are none
     * @throws IOException when a process or a file fails
     * @throws InterruptedException when interrupted
     */
    public static void main(String... args) throws IOException, InterruptedException {
        FreshProcess.ensure(TimeToResult.class, args);
        List<Job> jobs = JOBS.stream()
                .filter(job -> args.length == 0 || Arrays.asList(args).contains(job.name()))
                .toList();
        if (jobs.isEmpty()) {
            throw new IllegalArgumentException("No job is named " + String.join(", ", args) + "; there are "
                    + JOBS.stream().map(Job::name).toList());
        }
        Report report = new Report(
                TimeToResult.class,
                "./mvnw -Pbenchmarks verify -DskipTests -Dbenchmarks.class=TimeToResult"
                        + (args.length == 0 ? "" : " \"-Dbenchmarks=" + String.join(" ", args) + "\""));
        report.paragraph(
                "Means of " + SEEDS + " seeds, seconds of training at the first evaluation with the result, one every "
                        + EVALUATE_EVERY
                        + " steps; the best baseline is the fastest of Adam and Nesterov momentum at the best of six rates "
                        + "each, chosen by the first seed.");
        List<List<String>> rows = new ArrayList<>();
        for (Job job : jobs) {
            rows.addAll(rows(job));
        }
        report.table(
                List.of("job", "result", "best baseline", "its seconds", "K-FAC's seconds", "ratio", "of seeds"), rows);
        report.publish();
    }

    private static List<List<String>> rows(Job job) {
        Map<Candidate, TrainingCurve> first = new LinkedHashMap<>();
        RATES.forEach((method, rates) -> rates.forEach(
                rate -> first.put(new Candidate(method, rate), train(job, new Candidate(method, rate), 1))));
        Candidate kfac = new Candidate(SECOND_ORDER, "");
        List<TrainingCurve> ours = curves(job, kfac, train(job, kfac, 1));
        Map<Candidate, List<TrainingCurve>> bests = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        for (Goal goal : job.goals()) {
            Candidate best = best(goal, first);
            List<TrainingCurve> theirs = bests.computeIfAbsent(best, chosen -> curves(job, chosen, first.get(chosen)));
            rows.add(row(job, goal, best, theirs, ours));
        }
        return rows;
    }

    /** The one with the result first; where none has it, the one that ends best. */
    private static Candidate best(Goal goal, Map<Candidate, TrainingCurve> curves) {
        Candidate ending = curves.entrySet().stream()
                .min(Comparator.comparingDouble(entry -> entry.getValue().end().testLoss()))
                .orElseThrow()
                .getKey();
        Point end = curves.get(ending).end();
        return curves.entrySet().stream()
                .filter(entry -> seconds(goal, entry.getValue(), end).isPresent())
                .min(Comparator.comparingDouble(
                        entry -> seconds(goal, entry.getValue(), end).orElseThrow()))
                .map(Map.Entry::getKey)
                .orElse(ending);
    }

    private static OptionalDouble seconds(Goal goal, TrainingCurve curve, Point end) {
        return curve.secondsTo(point -> goal.reached().test(point, end));
    }

    private static List<TrainingCurve> curves(Job job, Candidate candidate, TrainingCurve ofFirstSeed) {
        return IntStream.rangeClosed(1, SEEDS)
                .mapToObj(seed -> seed == 1 ? ofFirstSeed : train(job, candidate, seed))
                .toList();
    }

    /** A baseline without the result counts with all its seconds, which is less than it would need. */
    private static List<String> row(
            Job job, Goal goal, Candidate best, List<TrainingCurve> theirs, List<TrainingCurve> ours) {
        double baseline = 0;
        double own = 0;
        int theirResults = 0;
        int ourResults = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Point end = theirs.get(seed).end();
            OptionalDouble theirSeconds = seconds(goal, theirs.get(seed), end);
            OptionalDouble ourSeconds = seconds(goal, ours.get(seed), end);
            theirResults += theirSeconds.isPresent() ? 1 : 0;
            ourResults += ourSeconds.isPresent() ? 1 : 0;
            baseline += theirSeconds.orElse(end.seconds()) / SEEDS;
            own += ourSeconds.orElse(Double.POSITIVE_INFINITY) / SEEDS;
        }
        return List.of(
                job.name(),
                goal.title(),
                best.toString(),
                (theirResults < SEEDS ? "more than " : "") + String.format(Locale.ROOT, "%.1f", baseline),
                ourResults < SEEDS ? "never" : String.format(Locale.ROOT, "%.1f", own),
                ourResults < SEEDS
                        ? "–"
                        : (theirResults < SEEDS ? "less than " : "")
                                + String.format(Locale.ROOT, "%.2f", own / baseline),
                theirResults + " and " + ourResults + " of " + SEEDS);
    }

    private static TrainingCurve train(Job job, Candidate candidate, int seed) {
        try {
            Path folder = Files.createTempDirectory("ngd-time-to-result");
            List<String> command = new ArrayList<>(List.of("train"));
            command.addAll(job.command());
            command.addAll(List.of("--method", candidate.method()));
            command.addAll(List.of("--seed", String.valueOf(seed), "--out", folder.toString()));
            command.addAll(List.of("--evaluate-every", String.valueOf(EVALUATE_EVERY)));
            if (!candidate.rate().isEmpty()) {
                command.addAll(List.of("--learning-rate", candidate.rate()));
            }
            FreshProcess.output(
                    Ngd.class, System.getProperty("java.class.path"), FreshProcess.THREADS_THAT_SLEEP, command);
            TrainingCurve curve = TrainingCurve.read(folder.resolve("training.csv"));
            System.err.printf(
                    Locale.ROOT,
                    "%s, %s, seed %d: %.1f s, test loss %.4f, %.4f%n",
                    job.name(),
                    candidate,
                    seed,
                    curve.end().seconds(),
                    curve.end().testLoss(),
                    curve.end().testFit());
            return curve;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
