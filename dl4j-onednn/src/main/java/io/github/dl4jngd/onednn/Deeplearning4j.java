package io.github.dl4jngd.onednn;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import org.deeplearning4j.nn.layers.HelperUtils;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.convolution.ConvolutionHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What this library asks of Deeplearning4j and ND4J beyond their compile-time interfaces: names that differ between
 * 1.0.0-M1.1 and 1.0.0-M2.1, and those of the native back end, which a library does not depend on.
 */
final class Deeplearning4j {
    /** The switch that 1.0.0-M2.1 reads whenever it constructs a layer; true by default, that is, no helpers. */
    static final String DISABLE_HELPERS = "org.eclipse.deeplearning4j.helpers.disable";

    /** Where 1.0.0-M2.1 has the class; in 1.0.0-M1.1 it is in {@code org.deeplearning4j.common.config}. */
    private static final String CLASS_LOADING = "org.deeplearning4j.config.DL4JClassLoading";

    private static final String NATIVE_OPS_HOLDER = "org.nd4j.nativeblas.NativeOpsHolder";
    private static final String NATIVE_OPS = "org.nd4j.nativeblas.NativeOps";
    private static final String BUILT_WITH_ONEDNN = "HAVE_ONEDNN";

    private Deeplearning4j() {}

    /** Whether this is 1.0.0-M2.1, as far as the helpers are concerned. */
    static boolean losesHelpers() {
        return classLoading().isPresent();
    }

    static String backend() {
        return String.valueOf(Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));
    }

    /** What the native library says it was built with; empty where it does not say. */
    static String nativeBuild() {
        try {
            Class<?> holder = Class.forName(NATIVE_OPS_HOLDER);
            Object instance = holder.getMethod("getInstance").invoke(null);
            Object ops = holder.getMethod("getDeviceNativeOps").invoke(instance);
            return (String) Class.forName(NATIVE_OPS).getMethod("buildInfo").invoke(ops);
        } catch (ReflectiveOperationException | LinkageError e) {
            return "";
        }
    }

    static boolean nativeHasOneDnn() {
        return nativeBuild().contains(BUILT_WITH_ONEDNN);
    }

    static ClassLoader helperClassLoader() {
        try {
            return (ClassLoader) accessor("getDl4jClassloader", MethodType.methodType(ClassLoader.class))
                    .invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static void setHelperClassLoader(ClassLoader loader) {
        try {
            accessor("setDl4jClassloader", MethodType.methodType(void.class, ClassLoader.class))
                    .invokeExact(loader);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The helper that a convolution constructed now would get, or null. */
    static LayerHelper newConvolutionHelper() {
        return HelperUtils.createHelper(
                "", MKLDNNConvHelper.class.getName(), ConvolutionHelper.class, "probe", DataType.FLOAT);
    }

    private static MethodHandle accessor(String name, MethodType type) throws ReflectiveOperationException {
        Class<?> classLoading = classLoading()
                .orElseThrow(() -> new IllegalStateException("Deeplearning4j has no class " + CLASS_LOADING));
        return MethodHandles.publicLookup().findStatic(classLoading, name, type);
    }

    private static Optional<Class<?>> classLoading() {
        try {
            return Optional.of(Class.forName(CLASS_LOADING, true, HelperUtils.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    private static IllegalStateException unexpected(Throwable e) {
        return new IllegalStateException("Deeplearning4j's class loader cannot be reached: " + e.getMessage(), e);
    }
}
