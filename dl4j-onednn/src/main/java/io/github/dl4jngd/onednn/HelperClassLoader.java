package io.github.dl4jngd.onednn;

import io.github.dl4jngd.onednn.internal.RefusedPoolingHelper;
import io.github.dl4jngd.onednn.internal.RepairedBatchNormHelper;
import io.github.dl4jngd.onednn.internal.RepairedConvolutionHelper;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Gives Deeplearning4j the repaired helpers under the names of its own.
 *
 * <p>Deeplearning4j makes each layer's helper by class name, through a class loader that it lets its users choose. This
 * loader passes everything on to the one chosen before, except the three helpers. For each of those it defines a class
 * of the same name that extends the repaired helper, which in turn extends Deeplearning4j's own. So
 *
 * <ul>
 *   <li>a layer's {@code helper instanceof MKLDNNConvHelper} stays true;
 *   <li>no class of Deeplearning4j or ND4J is replaced or changed: the new ones exist in this loader only;
 *   <li>wherever this loader is not asked, the helper that results is Deeplearning4j's own, which finds no class
 *       {@code org.nd4j.nativeblas.Nd4jCpu$Environment} in 1.0.0-M2.1 and stays off. That is slow but never wrong.
 * </ul>
 *
 * <p>Defining that missing class instead would bring the helpers back as they are, wrong gradients included.
 */
final class HelperClassLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    /** By the name of the helper that each extends. */
    private static final Map<String, Class<? extends LayerHelper>> REPAIRED = Stream.of(
                    RepairedConvolutionHelper.class, RepairedBatchNormHelper.class, RefusedPoolingHelper.class)
            .collect(Collectors.toUnmodifiableMap(c -> c.getSuperclass().getName(), Function.identity()));

    HelperClassLoader(ClassLoader parent) {
        super("oneDNN helpers", parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        Class<? extends LayerHelper> repaired = REPAIRED.get(name);
        if (repaired != null) {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name, repaired);
            }
        }
        // The superclass is asked for by name; the loader chosen before need not know this library.
        for (Class<?> known : REPAIRED.values()) {
            if (known.getName().equals(name)) {
                return known;
            }
        }
        return super.loadClass(name, resolve);
    }

    private Class<?> define(String name, Class<?> superclass) {
        byte[] file = SubclassFile.of(name, superclass, DataType.class);
        return defineClass(name, file, 0, file.length, superclass.getProtectionDomain());
    }
}
