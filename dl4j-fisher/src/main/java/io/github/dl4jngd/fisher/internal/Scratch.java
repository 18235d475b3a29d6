package io.github.dl4jngd.fisher.internal;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A scope for the temporary arrays of one pass of a loop: their memory is the next pass's.
 *
 * <p>An ND4J workspace frees nothing before its own end, so that a loop inside one would keep the arrays of every pass.
 * Arrays made between {@link #open()} and {@link #close()} must not be used after it; results are written into arrays
 * made before. Scopes nest.
 */
public final class Scratch implements AutoCloseable {

    private static final String NAME = "FISHER_SCRATCH_";

    private static final WorkspaceConfiguration CONFIGURATION = WorkspaceConfiguration.builder()
            .initialSize(0)
            .overallocationLimit(0.1)
            .policyAllocation(AllocationPolicy.OVERALLOCATE)
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policyReset(ResetPolicy.BLOCK_LEFT)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    /** How many scopes are open on a thread. */
    private static final ThreadLocal<Integer> DEPTH = ThreadLocal.withInitial(() -> 0);

    private final MemoryWorkspace workspace;

    private Scratch(MemoryWorkspace workspace) {
        this.workspace = workspace;
    }

    /**
     * Opens a scope on the calling thread.
     *
     * @return the scope, to be closed by the same thread
     */
    public static Scratch open() {
        int depth = DEPTH.get();
        MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace(CONFIGURATION, NAME + depth);
        DEPTH.set(depth + 1);
        return new Scratch(workspace);
    }

    /**
     * The configuration of workspaces for work that repeats itself: sized by the first pass, grown where a later one
     * needs more.
     *
     * @return a workspace configuration
     */
    public static WorkspaceConfiguration configuration() {
        return CONFIGURATION;
    }

    /** Frees what the calling thread's scopes have kept for their next pass; none may be open. */
    public static void release() {
        List<String> names = new ArrayList<>();
        for (int depth = 0; Nd4j.getWorkspaceManager().checkIfWorkspaceExists(NAME + depth); depth++) {
            names.add(NAME + depth);
        }
        names.forEach(name -> Nd4j.getWorkspaceManager()
                .destroyWorkspace(Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(name)));
    }

    @Override
    public void close() {
        DEPTH.set(DEPTH.get() - 1);
        workspace.close();
    }
}
