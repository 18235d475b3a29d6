package io.github.dl4jngd.fisher.internal.training;

/**
 * When Deeplearning4j writes a model's configuration only to read it again, for a copy of the model in this process.
 */
public final class ConfigurationCopies {

    /** Where a {@code ParallelWrapper} makes its workers' models. */
    private static final String WORKERS = "org.deeplearning4j.parallelism.trainer.";

    private ConfigurationCopies() {}

    /**
     * Whether the calling thread makes such a copy: what is written may then have classes of this library.
     *
     * @return false where a file or a text is written for whoever reads it
     */
    public static boolean isCopying() {
        return StackWalker.getInstance().walk(frames -> frames.anyMatch(ConfigurationCopies::copies));
    }

    private static boolean copies(StackWalker.StackFrame frame) {
        return frame.getClassName().startsWith(WORKERS) || frame.getMethodName().equals("convertDataType");
    }
}
