package io.github.dl4jngd.fisher.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("cpu")
class ProvidersTest {

    @Test
    void bestIsChosenOnce() {
        assertThat(LinearAlgebra.best()).isSameAs(LinearAlgebra.best());
    }

    @ParameterizedTest
    @ValueSource(strings = {"openblas", "portable", "java"})
    @DisabledOnOs(value = OS.MAC, architectures = "aarch64", disabledReason = "OpenBLAS has no LAPACK there")
    void propertyNamesTheProvider(String name) {
        assertThat(Providers.choose(name).name()).isEqualTo(name);
    }

    @Test
    @DisabledOnOs(value = OS.MAC, architectures = "aarch64", disabledReason = "OpenBLAS has no LAPACK there")
    void unsetPropertyPrefersOpenBlasOnACpu() {
        assertThat(Providers.choose(null).name()).isEqualTo("openblas");
        assertThat(Providers.choose(" ").name()).isEqualTo("openblas");
    }

    @Test
    void unknownNameListsTheChoices() {
        assertThatThrownBy(() -> Providers.choose("mkl"))
                .isInstanceOf(LinearAlgebraException.class)
                .hasMessageContaining("dl4jngd.linalg")
                .hasMessageContaining("\"mkl\"")
                .hasMessageContaining("openblas, portable or java");
    }

    @Test
    void withoutOpenBlasTheChoiceFallsOnJava() throws Exception {
        Method choose = providersWithoutOpenBlas();
        Object provider = choose.invoke(null, (Object) null);
        Method name = provider.getClass().getMethod("name");
        name.setAccessible(true);
        assertThat(name.invoke(provider)).isEqualTo("java");
    }

    @Test
    void withoutOpenBlasAskingForItIsAnError() throws Exception {
        Method choose = providersWithoutOpenBlas();
        assertThatThrownBy(() -> choose.invoke(null, "openblas"))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .hasMessageContaining("org.bytedeco:openblas");
    }

    private static Method providersWithoutOpenBlas() throws ReflectiveOperationException {
        Class<?> providers = new WithoutOpenBlas().loadClass(Providers.class.getName());
        Method choose = providers.getDeclaredMethod("choose", String.class);
        choose.setAccessible(true);
        return choose;
    }

    /** A second copy of this package that sees ND4J, but not OpenBLAS. */
    private static final class WithoutOpenBlas extends ClassLoader {

        WithoutOpenBlas() {
            super(ProvidersTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.bytedeco.openblas.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith(Providers.class.getPackageName())) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
