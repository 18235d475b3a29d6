package io.github.dl4jngd.onednn;

import io.github.dl4jngd.onednn.internal.RepairedConvolutionHelper;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deeplearning4j's convolutional networks at full speed on a CPU.
 *
 * <p>Deeplearning4j computes convolutions by matrix products of its own (im2col) unless a layer has a <em>helper</em>,
 * an object that calls oneDNN. Release 1.0.0-M2.1 lost its helpers twice: a switch turns them off, and the class by
 * which they look for oneDNN has moved. This class brings them back, repaired where they compute wrong results:
 *
 * <pre>{@code
 * OneDnn.enable();
 * MultiLayerNetwork network = new MultiLayerNetwork(configuration);
 * network.init();
 * System.out.println(OneDnn.report(network));
 * }</pre>
 *
 * <p>A layer gets its helper when it is constructed, so {@code enable()} belongs before networks are built, restored or
 * cloned; networks that exist already keep what they have, and {@link #report(MultiLayerNetwork)} says so. Nothing else
 * of a network changes: parameters, configurations and saved models are the same with helpers and without.
 *
 * <p>Needed is a native with oneDNN, such as {@code nd4j-native} with classifier {@code linux-x86_64-onednn-avx2}. On
 * other natives, on CUDA and on 1.0.0-M1.1 nothing is done.
 *
 * <p>All methods may be called from any thread.
 */
public final class OneDnn {
    private static final Logger LOG = LoggerFactory.getLogger(OneDnn.class);

    private static final OneDnnStatus NOT_ASKED =
            new OneDnnStatus(false, "OneDnn.enable() has not been called, or OneDnn.disable() since");

    /** What to put back; null while the helpers are off. */
    private static Restore restore;

    private static OneDnnStatus lastLogged;

    /** What {@link #enable()} found. */
    private record Restore(ClassLoader classLoader, String property) {}

    private OneDnn() {}

    /**
     * Makes networks that are built from now on use oneDNN, where that is possible. Sets the system property
     * {@code org.eclipse.deeplearning4j.helpers.disable} to {@code false}, which Deeplearning4j reads whenever it
     * constructs a layer, and the class loader of {@code DL4JClassLoading}. Calling it again changes nothing.
     *
     * <p>The outcome is logged when it is new: as a warning where the native library has no oneDNN, else as
     * information.
     *
     * @return whether networks built now use oneDNN, and why not
     */
    public static synchronized OneDnnStatus enable() {
        OneDnnStatus status = hindrance();
        if (status == null) {
            install();
            status = status();
            if (!status.enabled()) {
                disable();
            }
        }
        if (!status.equals(lastLogged)) {
            lastLogged = status;
            if (Deeplearning4j.losesHelpers() && isCpu() && !Deeplearning4j.nativeHasOneDnn()) {
                LOG.warn("{}", status);
            } else {
                LOG.info("{}", status);
            }
        }
        return status;
    }

    /**
     * Makes networks that are built from now on do without, as before the first {@link #enable()}: the system property
     * and the class loader get back the values they had then. Networks that exist keep their helpers. Does nothing
     * where the helpers are not on.
     */
    public static synchronized void disable() {
        if (restore == null) {
            return;
        }
        if (Deeplearning4j.helperClassLoader() instanceof HelperClassLoader) {
            Deeplearning4j.setHelperClassLoader(restore.classLoader());
        }
        if (restore.property() == null) {
            System.clearProperty(Deeplearning4j.DISABLE_HELPERS);
        } else {
            System.setProperty(Deeplearning4j.DISABLE_HELPERS, restore.property());
        }
        restore = null;
        lastLogged = null;
    }

    /**
     * Whether networks built now use oneDNN. Tried out, not remembered: a helper is created and looked at.
     *
     * @return whether they do, and why not
     */
    public static synchronized OneDnnStatus status() {
        OneDnnStatus hindrance = hindrance();
        if (hindrance != null) {
            return hindrance;
        }
        if (restore == null) {
            return NOT_ASKED;
        }
        if (Deeplearning4j.newConvolutionHelper() instanceof RepairedConvolutionHelper) {
            return new OneDnnStatus(true, "networks built from now on use oneDNN in float32");
        }
        return new OneDnnStatus(
                false,
                "the system property " + Deeplearning4j.DISABLE_HELPERS
                        + " or the class loader of DL4JClassLoading has been changed since; call OneDnn.enable() after that");
    }

    /**
     * Which layers of a network use oneDNN, and why the others do not.
     *
     * @param network an initialised network; it is only read
     * @return a row for each layer
     */
    public static OneDnnReport report(MultiLayerNetwork network) {
        return OneDnnReport.of(status(), network.getLayers());
    }

    /**
     * Which layers of a network use oneDNN, and why the others do not.
     *
     * @param network an initialised network; it is only read
     * @return a row for each layer, in topological order
     */
    public static OneDnnReport report(ComputationGraph network) {
        return OneDnnReport.of(status(), network.getLayers());
    }

    private static void install() {
        ClassLoader current = Deeplearning4j.helperClassLoader();
        if (restore == null) {
            restore = new Restore(current, System.getProperty(Deeplearning4j.DISABLE_HELPERS));
        }
        if (!(current instanceof HelperClassLoader)) {
            Deeplearning4j.setHelperClassLoader(new HelperClassLoader(current));
        }
        System.setProperty(Deeplearning4j.DISABLE_HELPERS, "false");
    }

    /** Why oneDNN cannot be used here, or null. */
    private static OneDnnStatus hindrance() {
        if (!Deeplearning4j.losesHelpers()) {
            return new OneDnnStatus(
                    false,
                    "this is not Deeplearning4j 1.0.0-M2.1. Nothing was done: 1.0.0-M1.1 switches its helpers on by itself,"
                            + " and its natives have no oneDNN");
        }
        if (!isCpu()) {
            return new OneDnnStatus(
                    false,
                    "the back end is " + Deeplearning4j.backend() + ", and oneDNN is for CPUs. Nothing was done");
        }
        if (!Deeplearning4j.nativeHasOneDnn()) {
            return new OneDnnStatus(
                    false,
                    "the ND4J native on the class path was built without oneDNN. Nothing was done; put one with oneDNN there"
                            + " instead, for example nd4j-native with classifier linux-x86_64-onednn-avx2");
        }
        if (!Nd4j.getEnvironment().helpersAllowed()) {
            return new OneDnnStatus(
                    false, "ND4J forbids its native helpers. Allow them with Nd4j.getEnvironment().allowHelpers(true)");
        }
        return null;
    }

    private static boolean isCpu() {
        return "CPU".equalsIgnoreCase(Deeplearning4j.backend());
    }
}
