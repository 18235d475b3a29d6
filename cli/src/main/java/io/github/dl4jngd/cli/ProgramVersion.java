package io.github.dl4jngd.cli;

import io.github.dl4jngd.cli.report.Versions;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class ProgramVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {
            "ngd " + Versions.project(),
            "Deeplearning4j " + Versions.deeplearning4j(),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }
}
