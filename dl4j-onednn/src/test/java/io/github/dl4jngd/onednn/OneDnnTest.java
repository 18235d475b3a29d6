package io.github.dl4jngd.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.dl4jngd.onednn.internal.RepairedBatchNormHelper;
import io.github.dl4jngd.onednn.internal.RepairedConvolutionHelper;
import java.io.File;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

class OneDnnTest {
    private static final MultiLayerConfiguration CONFIGURATION = Networks.configuration(
            DataType.FLOAT,
            CNN2DFormat.NCHW,
            6,
            6,
            3,
            Networks.convolution(CNN2DFormat.NCHW, 3, Activation.RELU, 4),
            Networks.batchNormalization(CNN2DFormat.NCHW));

    @AfterEach
    void off() {
        OneDnn.disable();
        System.clearProperty(Deeplearning4j.DISABLE_HELPERS);
    }

    private static void needsOneDnn() {
        assumeTrue(OneDnn.enable().enabled(), () -> OneDnn.status().toString());
        OneDnn.disable();
    }

    @Test
    void networksBuiltAfterEnableHaveTheRepairedHelpers() {
        needsOneDnn();
        OneDnnStatus status = OneDnn.enable();

        assertThat(status.enabled()).isTrue();
        assertThat(status.toString()).startsWith("oneDNN layer helpers on: ");
        MultiLayerNetwork network = new MultiLayerNetwork(CONFIGURATION.clone());
        network.init();
        assertThat(network.getLayer(0).getHelper())
                .isInstanceOf(RepairedConvolutionHelper.class)
                .isInstanceOf(MKLDNNConvHelper.class);
        assertThat(network.getLayer(1).getHelper()).isInstanceOf(RepairedBatchNormHelper.class);
    }

    @Test
    void clonedAndRestoredNetworksHaveThemToo(@TempDir Path folder) throws Exception {
        needsOneDnn();
        MultiLayerNetwork network = Networks.withoutHelpers(CONFIGURATION);
        File file = folder.resolve("model.zip").toFile();
        network.save(file);
        OneDnn.enable();

        assertThat(OneDnn.report(network).helpers()).isZero();
        assertThat(OneDnn.report(network.clone()).helpers()).isEqualTo(2);
        assertThat(OneDnn.report(ModelSerializer.restoreMultiLayerNetwork(file)).helpers())
                .isEqualTo(2);
    }

    @Test
    void nothingIsOnByItself() {
        assumeTrue(Deeplearning4j.losesHelpers(), "1.0.0-M1.1 switches its helpers on by itself");
        assertThat(OneDnn.status().enabled()).isFalse();
        assertThat(Networks.withoutHelpers(CONFIGURATION).getLayer(0).getHelper())
                .isNull();
    }

    @Test
    void enablingTwiceIsEnablingOnce() {
        needsOneDnn();
        ClassLoader before = Deeplearning4j.helperClassLoader();
        assertThat(OneDnn.enable()).isEqualTo(OneDnn.enable()).isEqualTo(OneDnn.status());

        OneDnn.disable();
        assertThat(Deeplearning4j.helperClassLoader()).isSameAs(before);
        OneDnn.disable();
        assertThat(Deeplearning4j.helperClassLoader()).isSameAs(before);
    }

    @Test
    void disablingPutsBackWhatWasThere() {
        needsOneDnn();
        ClassLoader before = Deeplearning4j.helperClassLoader();
        System.setProperty(Deeplearning4j.DISABLE_HELPERS, "true");
        OneDnn.enable();
        assertThat(System.getProperty(Deeplearning4j.DISABLE_HELPERS)).isEqualTo("false");
        OneDnn.disable();
        assertThat(System.getProperty(Deeplearning4j.DISABLE_HELPERS)).isEqualTo("true");
        assertThat(Deeplearning4j.helperClassLoader()).isSameAs(before);
        assertThat(Networks.withoutHelpers(CONFIGURATION).getLayer(0).getHelper())
                .isNull();

        System.clearProperty(Deeplearning4j.DISABLE_HELPERS);
        OneDnn.enable();
        OneDnn.disable();
        assertThat(System.getProperty(Deeplearning4j.DISABLE_HELPERS)).isNull();
    }

    /** Whoever sets the class loader later loses the helpers and gets no wrong ones. */
    @Test
    void anotherClassLoaderSwitchesTheHelpersOff() {
        needsOneDnn();
        OneDnn.enable();
        ClassLoader another = new ClassLoader(getClass().getClassLoader()) {};
        ClassLoader before = Deeplearning4j.helperClassLoader();
        Deeplearning4j.setHelperClassLoader(another);
        try {
            assertThat(OneDnn.status().enabled()).isFalse();
            assertThat(OneDnn.status().reason()).contains("class loader", "OneDnn.enable()");
            assertThat(OneDnn.enable().enabled()).isTrue();
        } finally {
            Deeplearning4j.setHelperClassLoader(before);
        }
    }

    @Test
    void propertySetBackSwitchesTheHelpersOff() {
        needsOneDnn();
        OneDnn.enable();
        System.setProperty(Deeplearning4j.DISABLE_HELPERS, "true");
        assertThat(OneDnn.status().enabled()).isFalse();
        assertThat(OneDnn.enable().enabled()).isTrue();
    }

    @Test
    void forbiddenNativeHelpersAreNamed() {
        needsOneDnn();
        Nd4j.getEnvironment().allowHelpers(false);
        try {
            OneDnnStatus status = OneDnn.enable();
            assertThat(status.enabled()).isFalse();
            assertThat(status.reason()).contains("allowHelpers(true)");
            assertThat(System.getProperty(Deeplearning4j.DISABLE_HELPERS)).isNull();
        } finally {
            Nd4j.getEnvironment().allowHelpers(true);
        }
    }

    @Test
    void outcomeIsLoggedOnce() {
        needsOneDnn();
        Logger logger = (Logger) LoggerFactory.getLogger(OneDnn.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(events);
        try {
            OneDnnStatus status = OneDnn.enable();
            OneDnn.enable();
            assertThat(events.list).singleElement().satisfies(event -> {
                assertThat(event.getLevel()).isEqualTo(Level.INFO);
                assertThat(event.getFormattedMessage()).isEqualTo(status.toString());
            });
        } finally {
            logger.detachAppender(events);
            logger.setLevel(null);
        }
    }

    @Test
    void anyThreadMayEnable() throws Exception {
        needsOneDnn();
        ClassLoader before = Deeplearning4j.helperClassLoader();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<OneDnnStatus>> calls = Collections.nCopies(32, OneDnn::enable);
            for (var outcome : threads.invokeAll(calls)) {
                assertThat(outcome.get().enabled()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
        OneDnn.disable();
        assertThat(Deeplearning4j.helperClassLoader()).isSameAs(before);
    }

    /**
     * The name under which 1.0.0-M2.1 looks for oneDNN exists in 1.0.0-M1.1 only; a class of that name would shadow it
     * there.
     */
    @Test
    void noClassIsAddedToNd4j() {
        needsOneDnn();
        OneDnn.enable();
        Networks.withHelpers(CONFIGURATION);
        assertThatThrownBy(() -> Class.forName(
                        "org.nd4j.nativeblas.Nd4jCpu$Environment",
                        false,
                        getClass().getClassLoader()))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void doesNothingOnAnotherRelease() {
        assumeFalse(Deeplearning4j.losesHelpers(), "this is 1.0.0-M2.1");
        OneDnnStatus status = OneDnn.enable();
        assertThat(status.enabled()).isFalse();
        assertThat(status.reason()).contains("1.0.0-M1.1", "Nothing was done");
        assertThat(System.getProperty(Deeplearning4j.DISABLE_HELPERS)).isNull();
        assertThat(OneDnn.status()).isEqualTo(status);
    }

    @Test
    void doesNothingOnNativesWithoutOneDnn() {
        assumeTrue(Deeplearning4j.losesHelpers(), "this is not 1.0.0-M2.1");
        assumeFalse(Deeplearning4j.nativeHasOneDnn(), "this native has oneDNN");
        OneDnnStatus status = OneDnn.enable();
        assertThat(status.enabled()).isFalse();
        assertThat(status.reason()).contains("without oneDNN", "linux-x86_64-onednn-avx2");
        assertThat(System.getProperty(Deeplearning4j.DISABLE_HELPERS)).isNull();
        assertThat(OneDnn.status()).isEqualTo(status);
    }
}
