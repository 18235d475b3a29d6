package io.github.dl4jngd.fisher.internal;

import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AtomicFileTest {

    /** It has no folder that a draft could lie in. */
    @Test
    void theRootOfAFileSystemIsRefused() {
        Path root = Path.of("").toAbsolutePath().getRoot();
        assertThatIOException()
                .isThrownBy(() -> AtomicFile.write(root, out -> {}))
                .withMessageContaining("it is the root of a file system");
    }
}
