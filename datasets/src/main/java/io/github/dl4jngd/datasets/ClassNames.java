package io.github.dl4jngd.datasets;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** The official names of the classes, in label order. */
final class ClassNames {

    private static final List<String> FASHION = List.of(
            "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot");

    private static final List<String> CIFAR_10 =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private static final List<String> CIFAR_100 = List.of(
            """
            apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle \
            caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish \
            forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle \
            mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine \
            possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar \
            sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale \
            willow_tree wolf woman worm"""
                    .split(" ", -1));

    private ClassNames() {}

    static List<String> of(ImageDataset dataset) {
        return switch (dataset) {
            case MNIST -> numbered(10);
            case FASHION_MNIST -> FASHION;
            case CIFAR_10 -> CIFAR_10;
            case CIFAR_100 -> CIFAR_100;
        };
    }

    static List<String> numbered(int classes) {
        return Collections.unmodifiableList(
                IntStream.range(0, classes).mapToObj(Integer::toString).toList());
    }
}
