package io.github.dl4jngd.cli.report;

import io.github.dl4jngd.fisher.backend.BackEnd;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.factory.Nd4j;

/** What produced a result: program, back end and host. Names no user, no machine and no path. */
public final class Provenance {

    private Provenance() {}

    /**
     * Describes this process.
     *
     * @param command the command line as typed
     * @return names and values in a fixed order, ready for JSON
     */
    public static Map<String, Object> of(String command) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("command", command);
        facts.put("version", Versions.project());
        facts.put("deeplearning4j", Versions.deeplearning4j());
        facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("cores", Runtime.getRuntime().availableProcessors());
        facts.put("backend", Nd4j.getBackend().getClass().getSimpleName());
        facts.put("device", BackEnd.check().toString());
        facts.put(
                "blas",
                String.valueOf(Nd4j.getExecutioner().getEnvironmentInformation().get("blas.vendor")));
        return facts;
    }
}
