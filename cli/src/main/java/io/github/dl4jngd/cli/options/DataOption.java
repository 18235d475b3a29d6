package io.github.dl4jngd.cli.options;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that says where the images of a command are. */
public final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Folder with the data set's files.",
                "Default: $NGD_DATA, else the cache, else a download, else synthetic images."
            })
    private Path folder;

    /** Made by the options of a command. */
    public DataOption() {}

    /**
     * The user's folder.
     *
     * @return the folder, or null for the usual places
     */
    public Path folder() {
        return folder;
    }
}
