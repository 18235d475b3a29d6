package io.github.dl4jngd.ngd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;

/**
 * Every setting of DL4J in both of its classes of models and both types: steps with a natural gradient are those of a
 * twin without one whose gradient is overwritten ({@link Twin}), or it is refused with a reason; and
 * docs/compatibility.md says just that.
 */
class CompatibilityTest {

    private static final List<Method> METHODS = List.of(Method.EXACT, Method.KFAC);

    @TempDir
    static Path folder;

    private static final boolean WRITES = Boolean.getBoolean("dl4jngd.compatibility.write");

    /** One of the types in either class; all columns where the document is written. */
    @TestFactory
    Stream<DynamicNode> everySetting() {
        return everySetting(WRITES ? CompatibilityTable.COLUMNS : CompatibilityTable.QUICK);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicNode> everySettingInEveryColumn() {
        return everySetting(CompatibilityTable.COLUMNS);
    }

    private static Stream<DynamicNode> everySetting(List<CompatibilityTable.Column> columns) {
        Map<String, List<Setting>> settings = Settings.all(folder);
        CompatibilityTable table = new CompatibilityTable();
        Stream<DynamicNode> kinds = settings.entrySet().stream()
                .map(kind -> dynamicContainer(
                        kind.getKey(),
                        kind.getValue().stream()
                                .map(setting -> dynamicContainer(setting.toString(), cells(setting, columns, table)))));
        return Stream.concat(
                kinds, Stream.of(dynamicTest("the document's table", () -> compare(table.render(settings), columns))));
    }

    /** Thirty steps are held by the test for noise alone. */
    private static Stream<DynamicNode> cells(
            Setting setting, List<CompatibilityTable.Column> columns, CompatibilityTable table) {
        return columns.stream()
                .filter(column -> !column.trains() || setting.noisy || columns.equals(CompatibilityTable.COLUMNS))
                .map(column -> dynamicTest(column.toString(), () -> {
                    String outcome = column.outcome(setting, METHODS);
                    table.put(column, setting, outcome);
                    if (column.trains() && setting.noisy) {
                        assertThat(outcome).isEqualTo(Cell.EXACT);
                    }
                }));
    }

    private static void compare(String table, List<CompatibilityTable.Column> columns) throws IOException {
        assumeThat(dl4jVersion()).as("the document is of").isEqualTo("1.0.0-M2.1");
        if (WRITES) {
            CompatibilityTable.write(table);
        }
        assertThat(CompatibilityTable.held(CompatibilityTable.read(), columns))
                .as("docs/compatibility.md; -Ddl4jngd.compatibility.write=true writes it anew")
                .isEqualTo(CompatibilityTable.held(table, columns));
    }

    private static String dl4jVersion() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Sgd.class.getResourceAsStream("/META-INF/maven/org.nd4j/nd4j-api/pom.properties")) {
            properties.load(in);
        }
        return properties.getProperty("version");
    }

    static Stream<Arguments> interfaces() {
        return Stream.of(
                Arguments.of(Settings.UPDATERS, IUpdater.class, Sgd.class),
                Arguments.of(Settings.SCHEDULES, ISchedule.class, MapSchedule.class),
                Arguments.of(Settings.CONSTRAINTS, LayerConstraint.class, MaxNormConstraint.class),
                Arguments.of(Settings.NOISE, IDropout.class, Dropout.class),
                Arguments.of(Settings.NOISE, IWeightNoise.class, WeightNoise.class),
                Arguments.of(Settings.LISTENERS, TrainingListener.class, ScoreIterationListener.class));
    }

    /** A class that another release of DL4J brings is missed by name. */
    @ParameterizedTest(name = "{1}")
    @MethodSource("interfaces")
    void everyClassHasARow(String kind, Class<?> type, Class<?> neighbour) throws IOException {
        Set<String> rows = Settings.all(folder).get(kind).stream()
                .map(setting -> setting.toString().split("[ ,:]", 2)[0])
                .collect(Collectors.toSet());
        assertThat(rows).containsAll(implementations(type, neighbour));
    }

    /** The names of an interface's implementations in the package of one of them. */
    private static List<String> implementations(Class<?> type, Class<?> neighbour) throws IOException {
        URI jar = URI.create(
                "jar:" + neighbour.getProtectionDomain().getCodeSource().getLocation());
        String name = neighbour.getPackageName();
        try (FileSystem files = FileSystems.newFileSystem(jar, Map.of());
                Stream<Path> classes = Files.list(files.getPath(name.replace('.', '/')))) {
            return classes.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.contains("$"))
                    .map(file -> load(name + "." + file.replace(".class", "")))
                    .filter(found -> type.isAssignableFrom(found)
                            && !found.isInterface()
                            && !Modifier.isAbstract(found.getModifiers()))
                    .map(Class::getSimpleName)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, CompatibilityTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
