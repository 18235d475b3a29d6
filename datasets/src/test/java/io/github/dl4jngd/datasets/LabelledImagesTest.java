package io.github.dl4jngd.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class LabelledImagesTest {

    private final LabelledImages images = Fixtures.images(25, 4, 3, 5, 1);

    @Test
    void copiesWhatComesInAndWhatGoesOut() {
        byte[] pixels = {1, 2, 3, 4};
        int[] labels = {1};
        LabelledImages one = LabelledImages.of(2, 2, 1, 2, pixels, labels);
        pixels[0] = 9;
        labels[0] = 0;
        one.pixels()[1] = 9;
        one.labels()[0] = 0;
        one.image(0)[2] = 9;

        assertThat(one.pixels()).containsExactly(1, 2, 3, 4);
        assertThat(one.labels()).containsExactly(1);
    }

    @Test
    void pixelsAreUnsignedAndInChannelPlanes() {
        byte[] image = images.image(3);

        assertThat(images.pixel(3, 2, 1, 3)).isEqualTo(image[2 * 16 + 4 + 3] & 0xff);
        assertThat(images.pixelsPerImage()).isEqualTo(48);
        assertThatThrownBy(() -> images.pixel(0, 3, 0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> images.pixel(25, 0, 0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void subsetKeepsOrderAndNumbersClassesAnewAsGiven() {
        LabelledImages subset = images.subset(4, 1);

        assertThat(subset.count()).isEqualTo(10);
        assertThat(subset.classes()).isEqualTo(2);
        assertThat(subset.classNames()).containsExactly("4", "1");
        assertThat(subset.labels()).containsExactly(1, 0, 1, 0, 1, 0, 1, 0, 1, 0);
        assertThat(subset.image(0)).isEqualTo(images.image(1));
        assertThat(subset.image(9)).isEqualTo(images.image(24));
        assertThat(subset.subset(1).limit(2).image(1)).isEqualTo(images.image(6));
    }

    @Test
    void limitTakesTheFirst() {
        assertThat(images.limit(3).labels()).containsExactly(0, 1, 2);
        assertThat(images.limit(100)).isSameAs(images);
        assertThat(images.subset(2).limit(2).pixels()).isEqualTo(join(images.image(2), images.image(7)));
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatIllegalArgumentException().isThrownBy(() -> images.subset(5)).withMessageContaining("0 to 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> images.subset(1, 1))
                .withMessageContaining("twice");
        assertThatIllegalArgumentException().isThrownBy(() -> images.subset()).withMessageContaining("no image");
        assertThatIllegalArgumentException().isThrownBy(() -> images.limit(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LabelledImages.of(2, 2, 1, 2, new byte[5], new int[1]))
                .withMessageContaining("need 4 pixels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LabelledImages.of(2, 2, 1, 2, new byte[4], new int[] {2}))
                .withMessageContaining("label 2 of image 0");
        assertThatIllegalArgumentException().isThrownBy(() -> LabelledImages.of(2, 2, 1, 257, new byte[4], new int[1]));
    }

    @Test
    void survivesSerialisation() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(images.subset(1, 2));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            LabelledImages copy = (LabelledImages) in.readObject();
            assertThat(copy.pixels()).isEqualTo(images.subset(1, 2).pixels());
            assertThat(copy.labels()).isEqualTo(images.subset(1, 2).labels());
        }
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] joined = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }
}
